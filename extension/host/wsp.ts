/** The command line's own commands: run in a terminal, where they tell what they do and may ask, or asked for what they print. */
import { execFile } from "node:child_process";
import { homedir } from "node:os";

import * as vscode from "vscode";

import { TASK_TYPE } from "../core/tasks.ts";
import type { Services } from "./services.ts";
import { activePlace } from "./places.ts";

const ASKING_MS = 20_000;

/**
 * Run `wsp` with the words in a terminal of the editor's tasks, to its end.
 *
 * @param words those that say what is done
 * @param more those that are a person's
 * @returns whether it succeeded
 */
export async function runWsp(services: Services, words: readonly string[], more: readonly string[]): Promise<boolean> {
  const [program, ...args] = services.helper.commandLine([...words, ...more]) ?? [];
  if (program === undefined) {
    void vscode.window.showErrorMessage(vscode.l10n.t("No Python was found that could run this."));
    return false;
  }
  const place = activePlace();
  const folder = place === undefined ? undefined : vscode.workspace.getWorkspaceFolder(place);
  const task = new vscode.Task(
    { type: TASK_TYPE, wsp: words.join(" ") },
    folder ?? vscode.TaskScope.Workspace,
    ["wsp", ...words, ...more].join(" "),
    "Python",
    new vscode.ProcessExecution(program, args, { cwd: folder?.uri.fsPath ?? homedir() }),
    [],
  );
  // One may be asked something there.
  task.presentationOptions = { reveal: vscode.TaskRevealKind.Always, focus: true, echo: false };
  return isDone(await vscode.tasks.executeTask(task));
}

/** Whether `execution` ends, and well. */
async function isDone(execution: vscode.TaskExecution): Promise<boolean> {
  return new Promise((resolve) => {
    const done = (well: boolean): void => {
      subscription.dispose();
      resolve(well);
    };
    const subscription = vscode.Disposable.from(
      vscode.tasks.onDidEndTaskProcess((event) => {
        if (event.execution === execution) {
          done(event.exitCode === 0);
        }
      }),
      vscode.tasks.onDidEndTask((event) => {
        if (event.execution === execution) {
          // The end of its process is told first, where there was one.
          setTimeout(done, 0, false);
        }
      }),
    );
  });
}

/** What `wsp` prints for the words; empty where it cannot be asked. */
export async function askWsp(services: Services, words: readonly string[]): Promise<string> {
  const [program, ...args] = services.helper.commandLine(words) ?? [];
  if (program === undefined) {
    return "";
  }
  return new Promise((resolve) => {
    // Having nothing to tell is an exit status of its own.
    execFile(program, args, { cwd: homedir(), timeout: ASKING_MS, windowsHide: true }, (_, stdout) => {
      resolve(stdout);
    });
  });
}
