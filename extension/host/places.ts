/** Finds the place in the editor that a command or an answer is about. */
import * as vscode from "vscode";

import type { AskedFolder } from "../core/oneShot.ts";
import { blockLine } from "../core/scripts.ts";
import { isSubject } from "../core/commandTarget.ts";

/** The name of the documents that explain; the tab of a preview has it in its label. */
const WHY_NAME = "Why This Interpreter";
/** The scheme of "Why This Interpreter?" documents. */
export const WHY_SCHEME = "python-workflow-why";

/** Return the uri of the document that explains a place; {@link explainedPlace} undoes it. */
export function whyUri(place: vscode.Uri): vscode.Uri {
  const path = `/${WHY_NAME}.md`;
  return vscode.Uri.from({ scheme: WHY_SCHEME, path, query: place.toString() });
}

/** Return the place that a "Why This Interpreter?" document explains. */
export function explainedPlace(document: vscode.Uri): vscode.Uri {
  return vscode.Uri.parse(document.query, true);
}

/** The place that the Markdown preview explains: VS Code does not report it, but has only one preview. */
let previewed: vscode.Uri | undefined;

/** Remember the place whose document is shown as a preview now. */
export function setPreviewed(place: vscode.Uri): void {
  previewed = place;
}

/** Return the tabs that show a "Why This Interpreter?" document as a preview. */
export function openPreviews(): readonly vscode.Tab[] {
  return vscode.window.tabGroups.all.flatMap((group) => group.tabs.filter(isPreview));
}

function isPreview(tab: vscode.Tab | undefined): boolean {
  return tab?.input instanceof vscode.TabInputWebview && tab.label.includes(WHY_NAME);
}

/** Return the open folders that are on this machine. */
export function workspaceFolders(): readonly AskedFolder[] {
  return (vscode.workspace.workspaceFolders ?? [])
    .filter((folder) => folder.uri.scheme === "file")
    .map((folder) => ({ uri: folder.uri.toString(), path: folder.uri.fsPath }));
}

/** Return the file of the active editor; undefined when it shows none. */
export function activeFile(): vscode.Uri | undefined {
  const uri =
    vscode.window.activeNotebookEditor?.notebook.uri ??
    vscode.window.activeTextEditor?.document.uri;
  return uri?.scheme === "file" ? uri : undefined;
}

/** The last active place in an open folder. */
let lastPlace: vscode.Uri | undefined;

/**
 * Return the active place: the folder of the active file, else the first open folder.
 *
 * A file outside of all open folders, such as the user's settings or a library's source, does not change it. A file's
 * root is found upward from its folder, so one answer serves all files of a folder. A script with inline metadata is a
 * place of its own: it has an environment of its own.
 */
export function activePlace(): vscode.Uri | undefined {
  const shown = vscode.window.activeTextEditor?.document.uri;
  if (shown?.scheme === WHY_SCHEME) {
    return explainedPlace(shown);
  }
  if (previewed !== undefined && isPreview(vscode.window.tabGroups.activeTabGroup.activeTab)) {
    return previewed;
  }
  const file = activeFile();
  if (file === undefined) {
    return firstFolder();
  }
  if (isScriptActive()) {
    return file;
  }
  const open = vscode.workspace.getWorkspaceFolder(file);
  if (open === undefined && workspaceFolders().length > 0) {
    const isStillOpen = lastPlace !== undefined && vscode.workspace.getWorkspaceFolder(lastPlace) !== undefined;
    return isStillOpen ? lastPlace : firstFolder();
  }
  const folder = vscode.Uri.joinPath(file, "..");
  // What is set for an open folder is about all of it.
  const isSetting = open !== undefined && folder.toString() === vscode.Uri.joinPath(open.uri, ".vscode").toString();
  lastPlace = isSetting ? open.uri : folder;
  return lastPlace;
}

/** Return the folder of a place: that of a script, or the place itself. */
export function folderOfPlace(place: vscode.Uri): vscode.Uri {
  return /\.pyw?$/.test(place.path) ? vscode.Uri.joinPath(place, "..") : place;
}

function isScriptActive(): boolean {
  const document = vscode.window.activeTextEditor?.document;
  return document?.languageId === "python" && blockLine(document.getText()) !== undefined;
}

/** Return the place that a command is about: that of its argument, which may be a row, else the active one. */
export function commandPlace(argument: unknown): vscode.Uri | undefined {
  if (argument instanceof vscode.Uri) {
    return argument;
  }
  return isSubject(argument) && argument.uri !== undefined ? vscode.Uri.parse(argument.uri, true) : activePlace();
}

/** Return whether a command may be about any of several folders, because neither its argument nor an active file says which. */
export function hasSeveralFolders(argument: unknown): boolean {
  const isNamed = argument instanceof vscode.Uri || (isSubject(argument) && argument.uri !== undefined);
  return !isNamed && workspaceFolders().length > 1 && activePlace()?.toString() === firstFolder()?.toString() && !isAtPlace();
}

/** Return whether the active editor is at a place. */
function isAtPlace(): boolean {
  const shown = vscode.window.activeTextEditor?.document.uri;
  const file = activeFile();
  return (
    shown?.scheme === WHY_SCHEME ||
    (previewed !== undefined && isPreview(vscode.window.tabGroups.activeTabGroup.activeTab)) ||
    (file !== undefined && vscode.workspace.getWorkspaceFolder(file) !== undefined)
  );
}

function firstFolder(): vscode.Uri | undefined {
  const [first] = workspaceFolders();
  return first === undefined ? undefined : vscode.Uri.parse(first.uri, true);
}
