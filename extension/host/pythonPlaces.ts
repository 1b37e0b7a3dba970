/** Whether what is shown has to do with Python. */
import { readdir } from "node:fs/promises";

import * as vscode from "vscode";

import { baseName } from "../core/paths.ts";
import { isPythonFileName, isPythonFolder } from "../core/pythonFolder.ts";
import type { Answer } from "../protocol.ts";
import { activeFile } from "./places.ts";

/** Return whether the active editor shows a file of Python. */
export function isPythonFileActive(): boolean {
  const file = activeFile();
  return (
    vscode.window.activeTextEditor?.document.languageId === "python" ||
    (file !== undefined && isPythonFileName(baseName(process.platform, file.fsPath)))
  );
}

/** Return whether an answer is about a folder of Python; read the names in its root where the answer does not tell. */
export async function isAboutPython(answer: Answer): Promise<boolean> {
  if (isPythonFolder(answer, [])) {
    return true;
  }
  try {
    return isPythonFolder(answer, await readdir(answer.root));
  } catch {
    return false;
  }
}
