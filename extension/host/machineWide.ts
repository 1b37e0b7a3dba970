/** What a person does before and beside a project: Pythons installed, tools installed and run, by the command line's own words. */
import { homedir } from "node:os";

import * as vscode from "vscode";

import { wordsOf } from "../core/preferring.ts";
import { TASK_TYPE } from "../core/tasks.ts";
import type { Parts } from "./parts.ts";
import { activePlace } from "./places.ts";
import { isTrustedTo } from "./restricted.ts";
import { enterText, type Question } from "./wizard.ts";

/** A command: the words of `wsp` that it stands for, and what is asked for the rest of them. */
interface Act {
  readonly command: string;
  readonly words: readonly string[];
  /** Undefined where they are all. */
  readonly question?: Question;
}

const ACTS: readonly Act[] = [
  {
    command: "installPython",
    words: ["python", "install"],
    question: {
      title: vscode.l10n.t("Install Python"),
      placeholder: vscode.l10n.t("A version, such as 3.13, 3.14t or pypy3.10"),
    },
  },
  {
    command: "installTool",
    words: ["tool", "install"],
    question: {
      title: vscode.l10n.t("Install Tool"),
      placeholder: vscode.l10n.t("A tool, such as ruff, black[d] or black@24.1, and more words of 'wsp tool install'"),
    },
  },
  {
    command: "runTool",
    words: ["tool", "run"],
    question: {
      title: vscode.l10n.t("Run Tool"),
      placeholder: vscode.l10n.t("A tool, which need not be installed, and its arguments"),
    },
  },
  { command: "upgradeTools", words: ["tool", "upgrade"] },
  {
    command: "uninstallTool",
    words: ["tool", "uninstall"],
    question: {
      title: vscode.l10n.t("Uninstall Tool"),
      placeholder: vscode.l10n.t("The name of an installed tool"),
    },
  },
];

/** Registers the commands. Each runs in a terminal of the editor's tasks, where it tells what it does, and may ask. */
export function registerMachineWide(parts: Parts): vscode.Disposable {
  return vscode.Disposable.from(
    ...ACTS.map(({ command, words, question }) =>
      parts.commands.plain(command, async () => {
        const more = (await isTrustedTo("install")) ? await asked(question) : undefined;
        if (more !== undefined) {
          await run(parts, words, more);
        }
      }),
    ),
    vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
      if (exitCode === 0 && isInstallingPython(execution.task)) {
        void vscode.commands.executeCommand("pythonWorkflow.refreshEnvironments");
      }
    }),
  );
}

/** The words that a person types, none where there is no question; undefined when they gave up. */
async function asked(question: Question | undefined): Promise<readonly string[] | undefined> {
  if (question === undefined) {
    return [];
  }
  const whyNot = (text: string): string | undefined =>
    wordsOf(text) === undefined ? vscode.l10n.t("Type a name; a quote needs its end.") : undefined;
  const typed = await enterText({ ...question, value: "" }, whyNot, false);
  return typed === undefined || typed === "back" ? undefined : wordsOf(typed.value);
}

/** Runs `wsp` with the words, and more that are a person's. */
async function run(parts: Parts, words: readonly string[], more: readonly string[]): Promise<void> {
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
