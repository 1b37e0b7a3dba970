/** Runs commands of `wsp`: in a terminal, where they show progress and may prompt, or in the background for their output. */
import { execFile } from "node:child_process";
import { homedir } from "node:os";

import * as vscode from "vscode";

import { TASK_TYPE } from "../core/tasks.ts";
import type { Services } from "./services.ts";
import { activePlace } from "./places.ts";

const OUTPUT_TIMEOUT_MS = 20_000;

/**
 * Run `wsp` as a VS Code task in a terminal, and wait until it has ended.
 *
 * @param words the command of `wsp`
 * @param more the user's arguments
 * @returns whether it succeeded
 */
export async function runWsp(services: Services, words: readonly string[], more: readonly string[]): Promise<boolean> {
  const [program, ...args] = services.helper.commandLine([...words, ...more]) ?? [];
  if (program === undefined) {
    void vscode.window.showErrorMessage(vscode.l10n.t("No Python was found that can run this command."));
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
  // The command may prompt the user there.
  task.presentationOptions = { reveal: vscode.TaskRevealKind.Always, focus: true, echo: false };
  return isDone(await vscode.tasks.executeTask(task));
}

/** Return whether `execution` succeeds, once it has ended. */
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
          // The end of its process is reported first, where there was one.
          setTimeout(done, 0, false);
        }
      }),
    );
  });
}

/** Run `wsp` with these arguments in the background, and return its output; empty where no Python can run it. */
export async function outputOfWsp(services: Services, words: readonly string[]): Promise<string> {
  const [program, ...args] = services.helper.commandLine(words) ?? [];
  if (program === undefined) {
    return "";
  }
  return new Promise((resolve) => {
    // An error is no reason to reject: having nothing to report is an exit status of its own.
    execFile(program, args, { cwd: homedir(), timeout: OUTPUT_TIMEOUT_MS, windowsHide: true }, (_, stdout) => {
      resolve(stdout);
    });
  });
}
