/** Commands about one Python file. */
import * as vscode from "vscode";

import type { Commands } from "./commands.ts";

/** Register a command about the file of its first argument, else the active one; the file is saved first. */
export function pythonFiles(
  commands: Commands,
  name: string,
  action: (file: vscode.Uri) => Promise<void>,
): vscode.Disposable {
  return commands.plain(name, async (argument) => {
    const file = argument instanceof vscode.Uri ? argument : vscode.window.activeTextEditor?.document.uri;
    if (file === undefined) {
      await vscode.window.showInformationMessage(vscode.l10n.t("Open a Python file first."));
      return;
    }
    const saved = await savedFile(file);
    if (saved !== undefined) {
      await action(saved);
    }
  });
}

/** Save the file if it has changes, and return it; undefined where the user did not want that. */
export async function savedFile(file: vscode.Uri): Promise<vscode.Uri | undefined> {
  const document = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === file.toString());
  return document === undefined || !(document.isDirty || document.isUntitled) ? file : vscode.workspace.save(file);
}
