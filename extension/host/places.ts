/** What in the editor a question is about. */
import * as vscode from "vscode";

import type { AskedFolder } from "../core/oneShot.ts";

/** The scheme of "Why This Interpreter?" documents. */
export const WHY_SCHEME = "python-workflow-why";

/** The uri of the document that explains a place; {@link explainedPlace} undoes it. */
export function whyUri(place: vscode.Uri): vscode.Uri {
  const path = "/Why This Interpreter.md";
  return vscode.Uri.from({ scheme: WHY_SCHEME, path, query: place.toString() });
}

/** The place that a "Why This Interpreter?" document explains. */
export function explainedPlace(document: vscode.Uri): vscode.Uri {
  return vscode.Uri.parse(document.query, true);
}

/** The open folders that are on this machine. */
export function workspaceFolders(): readonly AskedFolder[] {
  return (vscode.workspace.workspaceFolders ?? [])
    .filter((folder) => folder.uri.scheme === "file")
    .map((folder) => ({ uri: folder.uri.toString(), path: folder.uri.fsPath }));
}

/** The file of the active editor; undefined when it shows none. */
export function activeFile(): vscode.Uri | undefined {
  const uri =
    vscode.window.activeNotebookEditor?.notebook.uri ??
    vscode.window.activeTextEditor?.document.uri;
  return uri?.scheme === "file" ? uri : undefined;
}

/**
 * The folder that the user is at: that of the active file, else the first open one.
 *
 * A file's root is found upward from its folder, so one answer serves all files of a folder.
 */
export function activePlace(): vscode.Uri | undefined {
  const shown = vscode.window.activeTextEditor?.document.uri;
  if (shown?.scheme === WHY_SCHEME) {
    return explainedPlace(shown);
  }
  const file = activeFile();
  return file === undefined ? firstFolder() : vscode.Uri.joinPath(file, "..");
}

/** The place that a command is about: what it was called with, else where the user is. */
export function commandPlace(argument: unknown): vscode.Uri | undefined {
  return argument instanceof vscode.Uri ? argument : activePlace();
}

function firstFolder(): vscode.Uri | undefined {
  const [first] = workspaceFolders();
  return first === undefined ? undefined : vscode.Uri.parse(first.uri, true);
}
