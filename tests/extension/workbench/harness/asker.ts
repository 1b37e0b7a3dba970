import { readFile } from "node:fs/promises";
import { join } from "node:path";

import type { Machine } from "./machine.ts";

/** Asks ours about each folder of the workspace, and each folder in one: as a linter does that is handed many files. */
const source = `
const { readdirSync, renameSync, writeFileSync } = require("node:fs");
const { homedir } = require("node:os");
const { join } = require("node:path");
const vscode = require("vscode");

exports.activate = async (context) => {
  const api = await vscode.extensions.getExtension("python-workflow.python-workflow").activate();
  const ask = async () => {
    const folders = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
    const inside = folders.flatMap((folder) =>
      readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
        .map(({ name }) => join(folder, name)),
    );
    const told = {};
    for (const path of [...folders, ...inside]) {
      told[path] = (await api.getInterpreter(vscode.Uri.file(path))).environment?.path ?? null;
    }
    const file = join(homedir(), "told.json");
    writeFileSync(file + ".new", JSON.stringify(told));
    renameSync(file + ".new", file);
  };
  context.subscriptions.push(vscode.commands.registerCommand("asker.ask", ask));
  await ask();
};
`;

/** Writes an extension that asks ours about every project, on its start and on "Asker: Ask". Returns its folder. */
export async function writeAsker(machine: Machine): Promise<string> {
  const manifest = {
    name: "asker",
    publisher: "test",
    version: "1.0.0",
    engines: { vscode: "^1.100.0" },
    main: "./extension.js",
    extensionKind: ["workspace"],
    extensionDependencies: ["python-workflow.python-workflow"],
    activationEvents: ["onStartupFinished"],
    contributes: { commands: [{ command: "asker.ask", title: "Ask", category: "Asker" }] },
  };
  await machine.write("asker/package.json", JSON.stringify(manifest));
  await machine.write("asker/extension.js", source);
  return machine.folder("asker");
}

/** What it was told last: by folder, the path of the interpreter, or null where there is none. */
export async function toldAsker(machine: Machine): Promise<Readonly<Record<string, string | null>>> {
  const text = await readFile(join(machine.home, "told.json"), "utf8").catch(() => "{}");
  return JSON.parse(text) as Record<string, string | null>;
}
