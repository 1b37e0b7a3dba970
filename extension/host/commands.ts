/** The commands of the extension. */
import * as vscode from "vscode";

import type { HelperClient } from "../core/client.ts";
import { Forget } from "../protocol.ts";
import { createEnvironment } from "./createEnvironment.ts";
import { chooseFolderWorkflow } from "./folderWorkflow.ts";
import type { Interpreters } from "./interpreters.ts";
import type { Keeping } from "./keeping.ts";
import { selectInterpreter } from "./picker.ts";
import { commandPlace } from "./places.ts";
import { setPreferredWorkflow } from "./preferredWorkflow.ts";
import { reporting } from "./report.ts";
import type { WhyDocuments } from "./why.ts";

/** What the commands work on. */
export interface CommandParts {
  readonly helper: HelperClient & { readonly restart: () => Promise<void> };
  readonly interpreters: Interpreters;
  readonly keeping: Keeping;
  readonly why: WhyDocuments;
  readonly log: vscode.LogOutputChannel;
}

/** Registers all commands; those about a place take its uri, and else mean where the user is. */
export function registerCommands(parts: CommandParts): vscode.Disposable {
  const { helper, interpreters, keeping, log, why } = parts;
  const about = (name: string, action: (place: vscode.Uri) => Promise<void>): vscode.Disposable =>
    plain(name, async (argument) => {
      const place = commandPlace(argument);
      return place === undefined ? noFolder() : action(place);
    });
  const plain = (name: string, action: (argument: unknown) => Promise<void>): vscode.Disposable =>
    vscode.commands.registerCommand(`pythonWorkflow.${name}`, async (argument: unknown) =>
      reporting(log, async () => action(argument)),
    );
  return vscode.Disposable.from(
    about("selectInterpreter", async (place) => selectInterpreter(helper, interpreters, place)),
    about("whyInterpreter", async (place) => why.show(place)),
    about("createEnvironment", async (place) => createEnvironment(helper, interpreters, place)),
    about("checkEnvironment", async (place) => keeping.check(place)),
    about("syncEnvironment", async (place) => keeping.sync(place)),
    about("chooseWorkflow", async (place) => chooseFolderWorkflow(helper, interpreters, place)),
    about("clearSelection", async (place) => {
      interpreters.take([await helper.request(Forget, { uri: place.toString() })], "change");
    }),
    plain("setPreferredWorkflow", setPreferredWorkflow),
    plain("restartHelper", async () => helper.restart()),
    plain("showLog", async () => {
      log.show();
      return Promise.resolve();
    }),
  );
}

async function noFolder(): Promise<void> {
  await vscode.window.showInformationMessage("Open a folder or a file first.");
}
