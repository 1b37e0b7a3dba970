/** Decides whether the active editor, or an answer, has to do with Python. */
import { readdir } from "node:fs/promises";

import * as vscode from "vscode";

import { baseName } from "../core/paths.ts";
import { isPythonFileName, isPythonFolder } from "../core/pythonFolder.ts";
import type { Answer } from "../protocol.ts";
import { activeFile } from "./places.ts";

/** Return whether the active editor shows a Python file. */
export function isPythonFileActive(): boolean {
  const file = activeFile();
  return (
    vscode.window.activeTextEditor?.document.languageId === "python" ||
    (file !== undefined && isPythonFileName(baseName(process.platform, file.fsPath)))
  );
}

/** Return whether an answer is about a Python folder; read the names in its root where the answer does not say. */
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
