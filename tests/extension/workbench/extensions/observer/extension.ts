/** An extension that uses ours through its package, and writes down what it is told. */
import { appendFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import { getApi, type PythonWorkflowApi, type PythonWorkflowError } from "@python-workflow/api";
import * as vscode from "vscode";

/** Notes each change, and what it is told once it is active and when it is asked to ask. */
export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const api = await getApi(1);
  if (api === undefined) {
    note("absent", {});
    return;
  }
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file("/");
  const ask = async (): Promise<void> => {
    note("asked", await api.getInterpreter(folder));
  };
  context.subscriptions.push(
    api.onDidChangeInterpreter(({ interpreter, uri }) => {
      note(uri.fsPath, interpreter);
    }),
    vscode.commands.registerCommand("observer.ask", ask),
    vscode.commands.registerCommand("observer.useAll", async () => useAll(api, folder)),
  );
  await ask();
}

/** Uses the whole API. */
async function useAll(api: PythonWorkflowApi, folder: vscode.Uri): Promise<void> {
  note("version", api.version);
  await noted("list", api.listEnvironments(folder));
  await noted("explain", api.explain(folder));
  await noted("create", api.createEnvironment(folder, { name: "made" }));
  await noted("create again", api.createEnvironment(folder, { name: "made" }));
  const stopped = new vscode.CancellationTokenSource();
  stopped.cancel();
  await noted("create cancelled", api.createEnvironment(folder, { name: "never" }, stopped.token));
  await noted("select", api.select(folder, join(folder.fsPath, ".venv")));
  await noted("select relative", api.select(folder, "none"));
  await noted("select none", api.selectNone(folder));
  await noted("clear", api.clearSelection(folder));
  await noted("variables", api.getEnvironmentVariables(folder));
  await noted("task", task(api, folder));
  const says = "import os, sys; print(os.environ['VIRTUAL_ENV'], os.getcwd()); sys.exit(3)";
  await noted("background", api.runInBackground(folder, ["-c", says]));
  await noted("background cancelled", api.runInBackground(folder, ["-c", "import time; time.sleep(600)"], stopped.token));
  await noted("background flooding", api.runInBackground(folder, ["-c", "while True: print('x' * 9999)"]));
  await noted("elsewhere", api.getInterpreter(vscode.Uri.parse("untitled:new.py")));
  await noted("another version", getApi(2 as 1));
}

/** The exit status of a task that says where it runs. */
async function task(api: PythonWorkflowApi, folder: vscode.Uri): Promise<number | undefined> {
  const ended = new Promise<number | undefined>((resolve) => {
    vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
      if (execution.task.name === "Observed") {
        resolve(exitCode);
      }
    });
  });
  await api.runAsTask(folder, ["-c", "import sys; open('ran.txt', 'w').write(sys.prefix); sys.exit(7)"], { name: "Observed" });
  return ended;
}

async function noted(event: string, pending: Promise<unknown>): Promise<void> {
  try {
    note(event, await pending);
  } catch (error) {
    const { code, hint, message } = error as PythonWorkflowError;
    note(event, { code, hint, message });
  }
}

function note(event: string, value: unknown): void {
  appendFileSync(join(homedir(), "told.jsonl"), `${JSON.stringify({ event, told: value })}\n`);
}
