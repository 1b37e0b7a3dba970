/** What a person does before and beside a project: Pythons installed, tools installed and run, by the command line's own words. */
import { homedir } from "node:os";

import * as vscode from "vscode";

import { wordsOf } from "../core/preferring.ts";
import { TASK_TYPE } from "../core/tasks.ts";
import type { Parts } from "./parts.ts";
import { activePlace } from "./places.ts";
import { isTrustedToWork } from "./progress.ts";
import { enterText, type Question } from "./wizard.ts";

/** Registers the commands. Each runs in a terminal of the editor's tasks, where it tells what it does, and may ask. */
export function registerMachineWide(parts: Parts): vscode.Disposable {
  const { commands } = parts;
  return vscode.Disposable.from(
    commands.plain("installPython", async () =>
      run(parts, ["python", "install"], await asked({
        title: vscode.l10n.t("Install Python"),
        placeholder: vscode.l10n.t("A version, such as 3.13, 3.14t or pypy3.10"),
      })),
    ),
    commands.plain("installTool", async () =>
      run(parts, ["tool", "install"], await asked({
        title: vscode.l10n.t("Install Tool"),
        placeholder: vscode.l10n.t("A tool, such as ruff, black[d] or black@24.1, and more words of 'wsp tool install'"),
      })),
    ),
    commands.plain("runTool", async () =>
      run(parts, ["tool", "run"], await asked({
        title: vscode.l10n.t("Run Tool"),
        placeholder: vscode.l10n.t("A tool, which need not be installed, and its arguments"),
      })),
    ),
    commands.plain("upgradeTools", async () => run(parts, ["tool", "upgrade"], (await isTrusted()) ? [] : undefined)),
    commands.plain("uninstallTool", async () =>
      run(parts, ["tool", "uninstall"], await asked({
        title: vscode.l10n.t("Uninstall Tool"),
        placeholder: vscode.l10n.t("The name of an installed tool"),
      })),
    ),
    vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
      if (exitCode === 0 && isInstallingPython(execution.task)) {
        void vscode.commands.executeCommand("pythonWorkflow.refreshEnvironments");
      }
    }),
  );
}

/** The words that a person types, where anything may be started; undefined when there are none. */
async function asked(question: Question): Promise<readonly string[] | undefined> {
  if (!(await isTrusted())) {
    return undefined;
  }
  const whyNot = (text: string): string | undefined =>
    (wordsOf(text) ?? []).length > 0 ? undefined : vscode.l10n.t("Type a name; a quote needs its end.");
  const typed = await enterText({ ...question, value: "" }, whyNot, false);
  return typed === undefined || typed === "back" ? undefined : wordsOf(typed.value);
}

async function isTrusted(): Promise<boolean> {
  return isTrustedToWork(
    vscode.l10n.t("Installing and running tools starts programs, so the workspace has to be trusted first."),
  );
}

/** Runs `wsp` with the words; nothing where `more` is undefined. */
async function run(parts: Parts, words: readonly string[], more: readonly string[] | undefined): Promise<void> {
  if (more === undefined) {
    return;
  }
  const [program, ...args] = parts.helper.commandLine([...words, ...more]) ?? [];
  if (program === undefined) {
    void vscode.window.showErrorMessage(vscode.l10n.t("There is no Python yet that could run this: see the log."));
    return;
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
  await vscode.tasks.executeTask(task);
}

function isInstallingPython({ definition }: vscode.Task): boolean {
  return definition.type === TASK_TYPE && definition["wsp"] === "python install";
}
