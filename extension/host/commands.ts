/** Registers commands of this extension, each by its name after `pythonWorkflow.`. */
import * as vscode from "vscode";

import { commandPlace, hasSeveralFolders } from "./places.ts";
import { reporting } from "./report.ts";

/** Registers commands whose failures are shown in one sentence and logged. */
export class Commands {
  private readonly log: vscode.LogOutputChannel;

  constructor(log: vscode.LogOutputChannel) {
    this.log = log;
  }

  /**
   * Register a command about a place: that of its first argument, else of the active editor; it asks where that may be
   * several folders. The command returns what its action returns.
   */
  about(
    name: string,
    action: (place: vscode.Uri, argument: unknown) => Promise<unknown>,
  ): vscode.Disposable {
    return vscode.commands.registerCommand(`pythonWorkflow.${name}`, async (argument: unknown) => {
      const place = hasSeveralFolders(argument) ? await pickFolder() : commandPlace(argument);
      if (place === "none") {
        return undefined;
      }
      return place === undefined
        ? noFolder()
        : reporting(this.log, async () => action(place, argument), place);
    });
  }

  /** Register a command that is about no place, or finds its own. */
  plain(name: string, action: (...args: readonly unknown[]) => Promise<unknown>): vscode.Disposable {
    return vscode.commands.registerCommand(`pythonWorkflow.${name}`, async (...args: unknown[]) =>
      reporting(this.log, async () => action(...args)),
    );
  }
}

/** Ask for a folder of the workspace; `none` where the user canceled. */
async function pickFolder(): Promise<vscode.Uri | "none"> {
  const placeHolder = vscode.l10n.t("Select a folder");
  const picked = await vscode.window.showWorkspaceFolderPick({ placeHolder, ignoreFocusOut: false });
  return picked?.uri ?? "none";
}

async function noFolder(): Promise<void> {
  await vscode.window.showInformationMessage(vscode.l10n.t("Open a folder or a file first."));
}
