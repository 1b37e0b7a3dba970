/** Starting something in the environment of a file or folder: whether that may be, and how. */
import { homedir } from "node:os";
import { basename } from "node:path";

import * as vscode from "vscode";

import { type Command, StartCommand } from "../acts.ts";
import { HelperError } from "../core/client.ts";
import { shortenPaths } from "../core/paths.ts";
import { asSentence } from "../core/plain.ts";
import type { Answer, Environment } from "../protocol.ts";
import type { Parts } from "./parts.ts";
import { isTrustedToWork } from "./progress.ts";

/** How long a workflow may take to say for the first time which environment it is. */
const SETTLE_MS = 10_000;

/** How something is started, and in which environment. */
export interface How {
  readonly command: Command;
  readonly environment: Environment;
  /** The environment's interpreter; absolute. */
  readonly python: string;
  /** Absolute path of the project. */
  readonly root: string;
}

/** Whether anything of the workspace may be started; where not, the user is told so. */
export async function isTrustedToRun(): Promise<boolean> {
  return isTrustedToWork(
    vscode.l10n.t("Running and debugging start programs of the workspace, so it has to be trusted first."),
  );
}

/**
 * How to start Python with `args` in the environment of a file, in its project's folder.
 *
 * @returns undefined where there is no environment, or the file is of no folder of this window: the user is told so,
 *   and offered what changes that
 *
 * Rejects with HelperError.
 */
export async function pythonFor(
  parts: Parts,
  place: vscode.Uri,
  args: readonly string[],
): Promise<How | undefined> {
  const uri = place.toString();
  const answer = await settled(parts, uri);
  const { environment, root } = answer;
  const python = environment?.interpreter_path ?? null;
  if (environment === null || python === null || environment.status.state !== "ok") {
    void offerEnvironment(answer, place);
    return undefined;
  }
  const argv = [python, ...args];
  try {
    const command = await parts.helper.request(StartCommand, { uri, environment: environment.prefix, argv });
    return { command: { ...command, cwd: root }, environment, python, root };
  } catch (error) {
    // The window's trust is of its own folders: managing it would not help.
    const outside = vscode.workspace.getWorkspaceFolder(place) === undefined;
    if (!(error instanceof HelperError && error.code === "not_trusted" && outside)) {
      throw error;
    }
    void offerFolder(root);
    return undefined;
  }
}

/**
 * Whether terminals at a place get the variables of another environment than `prefix`.
 *
 * The editor has one set of variables for all terminals of a workspace folder, also for those of a project in it that
 * has an environment of its own.
 */
export function isContested(parts: Parts, place: vscode.Uri, prefix: string | undefined): boolean {
  const folder = vscode.workspace.getWorkspaceFolder(place)?.uri.toString();
  const other = folder === undefined ? undefined : parts.interpreters.get(folder)?.environment?.prefix;
  return other !== undefined && other !== prefix;
}

/** The answer for a place, once the workflow that governs it has been asked. */
async function settled(parts: Parts, uri: string): Promise<Answer> {
  const answer = await parts.interpreters.resolve(uri);
  if (!answer.provisional || answer.environment !== null) {
    return answer;
  }
  return new Promise((resolve) => {
    const done = (last: Answer): void => {
      clearTimeout(timer);
      subscription.dispose();
      resolve(last);
    };
    const timer = setTimeout(() => {
      done(answer);
    }, SETTLE_MS);
    const subscription = parts.interpreters.onDidChange(({ answer: next }) => {
      if (next.uri === uri && !next.provisional) {
        done(next);
      }
    });
  });
}

/** Says that there is no environment, and why, and offers what changes that. */
async function offerEnvironment(answer: Answer, place: vscode.Uri): Promise<void> {
  const create = vscode.l10n.t("Create Environment");
  const select = vscode.l10n.t("Select Interpreter");
  const told = vscode.l10n.t("Nothing was started: {0} has no environment to run in.", basename(answer.root));
  // That there is none at all needs no reason.
  const reason = answer.offer_create ? "" : asSentence(answer.problem ?? answer.summary);
  const display = { platform: process.platform, home: homedir() };
  const message = [told, shortenPaths(reason, "", display)].join(" ").trimEnd();
  const choice = await vscode.window.showErrorMessage(message, create, select);
  if (choice !== undefined) {
    const command = choice === create ? "createEnvironment" : "selectInterpreter";
    await vscode.commands.executeCommand(`pythonWorkflow.${command}`, place);
  }
}

/** Says that a project is none of this window's, and offers to open it. */
async function offerFolder(root: string): Promise<void> {
  const open = vscode.l10n.t("Open Its Folder");
  const choice = await vscode.window.showErrorMessage(
    vscode.l10n.t(
      "Nothing was started: {0} is not open in this window, and only what is open here can be trusted here.",
      basename(root),
    ),
    open,
  );
  if (choice === open) {
    await vscode.commands.executeCommand("vscode.openFolder", vscode.Uri.file(root), { forceNewWindow: true });
  }
}
