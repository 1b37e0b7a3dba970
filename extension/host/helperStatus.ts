/** What happens when the helper tells something, and what the user is told when it cannot run. */
import { homedir } from "node:os";

import * as vscode from "vscode";

import { shortenHome } from "../core/paths.ts";
import type { Answer } from "../protocol.ts";
import type { Interpreters } from "./interpreters.ts";
import type { Services } from "./services.ts";
import { helperPythonCommand } from "./settings.ts";
import type { StatusBar } from "./statusBar.ts";

const NO_PYTHON = vscode.l10n.t(
  "Python Workflow found no Python 3.10 or newer for its helper. Install one, or name one in the settings.",
);

/** "Restart Helper" and "Show Log". */
export function registerTrouble({ commands, helper, log }: Services): vscode.Disposable {
  return vscode.Disposable.from(
    commands.plain("restartHelper", async () => helper.restart()),
    commands.plain("showLog", async () => {
      log.show();
      return Promise.resolve();
    }),
  );
}

/** Whom the helper tells; the helper's own part says when. */
export interface HelperEvents {
  readonly onAnswers: (answers: readonly Answer[]) => void;
  readonly onReady: () => void;
  readonly onTrouble: (trouble: "silent" | "ending") => void;
  readonly onPython: (python: string | undefined, endless: readonly string[]) => void;
}

/** Passes on what the helper tells. */
export function helperListener(
  interpreters: Interpreters,
  status: StatusBar,
  log: vscode.LogOutputChannel,
): HelperEvents {
  let missing = false;
  const passedOver = new Set<string>();
  return {
    onAnswers: (answers) => {
      interpreters.take(answers, "change");
    },
    onReady: () => void interpreters.refresh(),
    onTrouble: (trouble) => void tellTrouble(trouble, log),
    onPython: (python, endless) => {
      // It is asked again on each start; the user is told once.
      const [first] = endless.filter((one) => one !== python && !passedOver.has(one));
      if (python !== undefined && first !== undefined) {
        passedOver.add(first);
        void tellPassedOver(first, python, log);
      }
      status.setMissing(python === undefined ? NO_PYTHON : undefined);
      // Each start looks again; the user is told once.
      if (python === undefined && !missing) {
        void tellNoPython();
      }
      missing = python === undefined;
    },
  };
}

/** Says that no Python runs the helper, and offers to open the setting that names one. */
async function tellNoPython(): Promise<void> {
  const open = helperPythonCommand();
  const choice = await vscode.window.showErrorMessage(NO_PYTHON, open.title);
  if (choice === open.title) {
    await vscode.commands.executeCommand(open.command, ...open.arguments);
  }
}

/** Says that a Python does not answer, and which one runs the helper in its place. */
async function tellPassedOver(silent: string, python: string, log: vscode.LogOutputChannel): Promise<void> {
  const open = helperPythonCommand();
  const show = vscode.l10n.t("Show Log");
  const message = vscode.l10n.t(
    "{0} did not answer. The helper of Python Workflow is run by {1} instead.",
    short(silent),
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

/** Says that the helper cannot be had. */
async function tellTrouble(trouble: "silent" | "ending", log: vscode.LogOutputChannel): Promise<void> {
  const show = vscode.l10n.t("Show Log");
  const restart = vscode.l10n.t("Restart Helper");
  const message =
    trouble === "ending"
      ? vscode.l10n.t("The helper of Python Workflow keeps ending. What is shown may be out of date.")
      : vscode.l10n.t("The helper of Python Workflow does not start. What is shown may be out of date.");
  const choice = await vscode.window.showWarningMessage(message, show, restart);
  if (choice === show) {
    log.show();
  } else if (choice === restart) {
    await vscode.commands.executeCommand("pythonWorkflow.restartHelper");
  }
}
