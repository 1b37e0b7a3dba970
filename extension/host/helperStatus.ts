/** Handles the events of the helper, and shows a person when it cannot run. */
import { homedir } from "node:os";

import * as vscode from "vscode";

import { shortenHome } from "../core/paths.ts";
import type { Answer } from "../protocol.ts";
import type { Interpreters } from "./interpreters.ts";
import type { Services } from "./services.ts";
import { helperPythonCommand } from "./settings.ts";
import type { StatusBar } from "./statusBar.ts";

const NO_PYTHON = vscode.l10n.t(
  "Python Workflow found no Python 3.10 or newer for its helper. Install one, or choose one in the settings.",
);

/** Register "Restart Helper" and "Show Log". */
export function registerTrouble({ commands, helper, log }: Services): vscode.Disposable {
  return vscode.Disposable.from(
    commands.plain("restartHelper", async () => helper.restart()),
    commands.plain("showLog", async () => {
      log.show();
      return Promise.resolve();
    }),
  );
}

/** The handlers of the helper's events; `helper/helper.ts` says when each is called. */
export interface HelperEvents {
  readonly onAnswers: (answers: readonly Answer[]) => void;
  readonly onReady: () => void;
  readonly onTrouble: (trouble: "unresponsive" | "crashing") => void;
  readonly onPython: (python: string | undefined, unresponsive: readonly string[]) => void;
}

/** Create the handlers of the helper's events. */
export function helperListener(
  interpreters: Interpreters,
  status: StatusBar,
  log: vscode.LogOutputChannel,
): HelperEvents {
  let hasReportedNoPython = false;
  const reportedPythons = new Set<string>();
  return {
    onAnswers: (answers) => {
      interpreters.store(answers, "change");
    },
    onReady: () => void interpreters.refresh(),
    onTrouble: (trouble) => void warnOfTrouble(trouble, log),
    onPython: (python, unresponsive) => {
      // Each start tries an unresponsive Python again; a notification is shown once.
      const [first] = unresponsive.filter((path) => path !== python && !reportedPythons.has(path));
      if (python !== undefined && first !== undefined) {
        reportedPythons.add(first);
        void warnOfUnresponsivePython(first, python, log);
      }
      status.setHelperProblem(python === undefined ? NO_PYTHON : undefined);
      // Each start looks for a Python again; a notification is shown once.
      if (python === undefined && !hasReportedNoPython) {
        void showNoPython();
      }
      hasReportedNoPython = python === undefined;
    },
  };
}

/** Show that no Python can run the helper, and offer to open the setting that names one. */
async function showNoPython(): Promise<void> {
  const open = helperPythonCommand();
  const choice = await vscode.window.showErrorMessage(NO_PYTHON, open.title);
  if (choice === open.title) {
    await vscode.commands.executeCommand(open.command, ...open.arguments);
  }
}

/** Warn that a Python does not respond, and name the one that runs the helper in its place. */
async function warnOfUnresponsivePython(unresponsive: string, python: string, log: vscode.LogOutputChannel): Promise<void> {
  const open = helperPythonCommand();
  const show = vscode.l10n.t("Show Log");
  const message = vscode.l10n.t(
    "The Python at {0} did not respond. Python Workflow runs its helper with {1} instead.",
    short(unresponsive),
    short(python),
  );
  const choice = await vscode.window.showWarningMessage(message, open.title, show);
  if (choice === open.title) {
    await vscode.commands.executeCommand(open.command, ...open.arguments);
  } else if (choice === show) {
    log.show();
  }
}

function short(path: string): string {
  return shortenHome(process.platform, homedir(), path);
}

/** Warn that the helper isn't available. */
async function warnOfTrouble(trouble: "unresponsive" | "crashing", log: vscode.LogOutputChannel): Promise<void> {
  const show = vscode.l10n.t("Show Log");
  const restart = vscode.l10n.t("Restart Helper");
  const message =
    trouble === "crashing"
      ? vscode.l10n.t("The helper of Python Workflow keeps stopping. What is shown may be out of date.")
      : vscode.l10n.t("The helper of Python Workflow does not start. What is shown may be out of date.");
  const choice = await vscode.window.showWarningMessage(message, show, restart);
  if (choice === show) {
    log.show();
  } else if (choice === restart) {
    await vscode.commands.executeCommand("pythonWorkflow.restartHelper");
  }
}
