/** Registers commands of this extension, each by its name after `pythonWorkflow.`. */
import * as vscode from "vscode";

import { commandPlace } from "./places.ts";
import { reporting } from "./report.ts";

/** Registers commands whose failures are shown in one sentence and logged. */
export class Commands {
  private readonly log: vscode.LogOutputChannel;

  constructor(log: vscode.LogOutputChannel) {
    this.log = log;
  }

  /** A command about a place: that of its first argument, else where the user is. */
  about(
    name: string,
    action: (place: vscode.Uri, argument: unknown) => Promise<void>,
  ): vscode.Disposable {
    return vscode.commands.registerCommand(`pythonWorkflow.${name}`, async (argument: unknown) => {
      const place = commandPlace(argument);
      return place === undefined
        ? noFolder()
        : reporting(this.log, async () => action(place, argument), place);
    });
  }

  /** A command about no place, or that finds its own. */
  plain(name: string, action: (...args: readonly unknown[]) => Promise<void>): vscode.Disposable {
    return vscode.commands.registerCommand(`pythonWorkflow.${name}`, async (...args: unknown[]) =>
      reporting(this.log, async () => action(...args)),
    );
  }
}

async function noFolder(): Promise<void> {
  await vscode.window.showInformationMessage(vscode.l10n.t("Open a folder or a file first."));
}
