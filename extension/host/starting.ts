/** Starting something in the environment of a file or folder. */
import { homedir } from "node:os";
import { basename } from "node:path";

import * as vscode from "vscode";

import { type Command, PrepareScript, Script, StartCommand } from "../acts.ts";
import { type HelperClient, HelperError } from "../core/client.ts";
import { shortenPaths } from "../core/paths.ts";
import { asSentence } from "../core/displayText.ts";
import { isOfMachine, isRemote, type Subject } from "../core/commandTarget.ts";
import { pythonThere } from "../core/remote.ts";
import type { Answer, Environment } from "../protocol.ts";
import type { Interpreters } from "./interpreters.ts";
import { workspaceFolders } from "./places.ts";
import type { Services } from "./services.ts";
import { withProgress } from "./progress.ts";

/** How long to wait for the first answer of a workflow. */
const SETTLE_MS = 10_000;

/** The services that starting something needs. */
export interface Starting {
  readonly helper: HelperClient;
  readonly interpreters: Interpreters;
}

/** A place has no environment in which anything could be started. */
export class NoEnvironment extends Error {
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(answer.problem ?? answer.summary);
    this.answer = answer;
  }
}

/** A command to start, and its environment. */
export interface How {
  readonly command: Command;
  readonly environment: Environment;
  /** The environment's interpreter: absolute, or for another machine the first word of the command. */
  readonly python: string;
  /** Absolute path of the project. */
  readonly root: string;
}

/** Where to start a program, if not in the default environment of this machine. */
export interface Target {
  /** The environment. */
  readonly environment?: Environment | undefined;
  /**
   * The command for an environment on another machine: its Python with the same arguments, or another command; nothing
   * is started there without it.
   */
  readonly there?: "python" | readonly string[];
}

/**
 * Return how to start Python with `args` in the environment of a file, in its project's folder. A script with inline
 * metadata has an environment of its own.
 *
 * @returns undefined where there is no environment, or the file is in no folder of this window: then a message with a
 *   button is shown
 * @param again starts the program again, once there is an environment
 *
 * Rejects with HelperError, or with Cancelled.
 */
export async function pythonFor(
  services: Services,
  place: vscode.Uri,
  args: readonly string[],
  again?: () => Promise<unknown>,
  target?: Target,
): Promise<How | undefined> {
  try {
    return await howToStart(services, place, args, target);
  } catch (error) {
    if (error instanceof NoEnvironment) {
      void offerEnvironment(services, error.answer, place, again);
      return undefined;
    }
    // The window's trust is of its own folders: managing it would not help.
    const outside = vscode.workspace.getWorkspaceFolder(place) === undefined;
    if (!(error instanceof HelperError && error.code === "not_trusted" && outside)) {
      throw error;
    }
    void offerFolder(place);
    return undefined;
  }
}

/** Return the same as {@link pythonFor}, without a message: rejects with NoEnvironment too. */
export async function howToStart(
  services: Starting,
  place: vscode.Uri,
  args: readonly string[],
  { environment: chosen, there }: Target = {},
): Promise<How> {
  const uri = place.toString();
  const own = chosen ?? (await scriptEnvironment(services, place));
  const answer = await settled(services, uri);
  // In a window without a folder a file is no project's: the machine's Python serves where nothing is found beside it.
  const isSingle = workspaceFolders().length === 0;
  const environment = own ?? answer.environment ?? (isSingle ? answer.system : null);
  if (environment !== null && isRemote(environment) && there !== undefined) {
    const argv = there === "python" ? pythonThere(args, answer.root, process.platform) : there;
    const command = await services.helper.request(StartCommand, { uri, environment: environment.prefix, argv });
    return { command: { ...command, cwd: answer.root }, environment, python: argv[0] ?? "", root: answer.root };
  }
  const python = environment?.interpreter_path ?? null;
  if (environment === null || python === null || environment.status.state !== "ok") {
    throw new NoEnvironment(answer);
  }
  const argv = [python, ...args];
  // Several Pythons of the machine lie in one folder.
  const which = isOfMachine(environment) ? python : environment.prefix;
  const command = await services.helper.request(StartCommand, { uri, environment: which, argv });
  // There, VS Code opens terminals in the home folder alone.
  const cwd = isSingle ? homedir() : answer.root;
  return { command: { ...command, cwd }, environment, python, root: answer.root };
}

/** Return the environment of a script with inline metadata, created if need be; undefined for other files. */
async function scriptEnvironment(services: Starting, place: vscode.Uri): Promise<Environment | undefined> {
  const uri = place.toString();
  const { environment, script } = await services.helper.request(Script, { uri });
  if (!script || environment !== null) {
    return environment ?? undefined;
  }
  const title = vscode.l10n.t("Creating the environment of {0}", basename(place.fsPath));
  const result = await withProgress(services.helper, PrepareScript, { uri }, title);
  return result.environment;
}

/**
 * Return whether VS Code gives terminals at a place the variables of another environment than `prefix`.
 *
 * The editor has one set of variables for all terminals of a workspace folder, also for those of a project in it that
 * has an environment of its own.
 */
export function isContested(services: Starting, place: vscode.Uri, prefix: string | undefined): boolean {
  const folder = vscode.workspace.getWorkspaceFolder(place)?.uri.toString();
  const other = folder === undefined ? undefined : services.interpreters.get(folder)?.environment?.prefix;
  return other !== undefined && other !== prefix;
}

/** Return the answer for a place; if it has no environment yet, wait a while for the workflow that governs it. */
async function settled(services: Starting, uri: string): Promise<Answer> {
  const answer = await services.interpreters.resolve(uri);
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
    const subscription = services.interpreters.onDidChange(({ answer: next }) => {
      if (next.uri === uri && !next.provisional) {
        done(next);
      }
    });
  });
}

/** Show that there is no environment, and why, with a button that changes that; then start the program. */
async function offerEnvironment(
  { interpreters }: Starting,
  answer: Answer,
  place: vscode.Uri,
  again: (() => Promise<unknown>) | undefined,
): Promise<void> {
  const { environment, offer_create: none, problem, root, summary } = answer;
  if (environment?.kind === "remote") {
    const elsewhere = vscode.l10n.t(
      "{0} is on another machine, where this can't be done from here. Open its folder there over a remote connection.",
      environment.prefix,
    );
    void vscode.window.showErrorMessage(elsewhere);
    return;
  }
  const broken = environment?.status.state === "broken" && !isOfMachine(environment) ? environment : undefined;
  const recreate = { title: vscode.l10n.t("Recreate"), command: "recreateEnvironment" };
  const create = { title: vscode.l10n.t("Create Environment"), command: "createEnvironment" };
  const select = { title: vscode.l10n.t("Select Interpreter"), command: "selectInterpreter" };
  const fixes = [broken === undefined ? create : recreate, select];
  const headline =
    broken === undefined
      ? vscode.l10n.t("Can't run {0}: {1} has no Python environment.", basename(place.fsPath), basename(root))
      : vscode.l10n.t("Can't run {0}: {1} is broken.", basename(place.fsPath), broken.name);
  // That there is none at all needs no reason.
  const reason = none ? "" : asSentence(broken?.status.message ?? problem ?? summary);
  const display = { platform: process.platform, home: homedir() };
  const message = [headline, shortenPaths(reason, "", display)].join(" ").trimEnd();
  const choice = await vscode.window.showErrorMessage(message, ...fixes.map(({ title }) => title));
  const fix = fixes.find(({ title }) => title === choice);
  if (fix === undefined) {
    return;
  }
  const row: Subject = { kind: "row", uri: place.toString(), ...(broken === undefined ? {} : { environment: broken }) };
  await vscode.commands.executeCommand(`pythonWorkflow.${fix.command}`, fix === recreate ? row : place);
  const now = await interpreters.resolve(place.toString());
  if (now.environment?.status.state === "ok") {
    await again?.();
  }
}

/** Show that a file is in no folder of this window, and offer to open its folder. */
async function offerFolder(place: vscode.Uri): Promise<void> {
  const open = vscode.l10n.t("Open Folder");
  const folder = vscode.Uri.joinPath(place, "..");
  const choice = await vscode.window.showErrorMessage(
    vscode.l10n.t("To run {0}, open its folder first.", basename(place.fsPath)),
    open,
  );
  if (choice === open) {
    await vscode.commands.executeCommand("vscode.openFolder", folder, { forceNewWindow: true });
  }
}
