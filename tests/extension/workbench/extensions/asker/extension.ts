import { existsSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import { getApi } from "@python-workflow/api";
import * as vscode from "vscode";

/** Asks ours about each folder of the workspace, and each folder in one: as a linter does that is handed many files. */
async function ask(): Promise<void> {
  const api = await getApi(1);
  const open = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
  const folders = open.filter((folder) => existsSync(folder));
  const inside = folders.flatMap((folder) =>
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
      .map(({ name }) => join(folder, name)),
  );
  const answers: Record<string, string | null> = {};
  for (const path of [...folders, ...inside]) {
    const interpreter = await api?.getInterpreter(vscode.Uri.file(path));
    answers[path] = interpreter?.trusted === true ? (interpreter.environment?.path ?? null) : null;
  }
  const file = join(homedir(), "told.json");
  writeFileSync(`${file}.new`, JSON.stringify(answers));
  renameSync(`${file}.new`, file);
}

/** Asks on its start, and on "Asker: Ask". */
export async function activate(context: vscode.ExtensionContext): Promise<void> {
  context.subscriptions.push(vscode.commands.registerCommand("asker.ask", ask));
  await ask();
}
