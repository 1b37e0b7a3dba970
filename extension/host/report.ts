/** Shows the failure of a command. */
import * as vscode from "vscode";

import { Cancelled, HelperError } from "../core/client.ts";
import { failureText } from "../core/failures.ts";
import { canRetryAfter, type Fix, fixFor } from "../core/errorActions.ts";
import { folderOfPlace } from "./places.ts";

/** The failure of a command after its questions were answered: only the rest is tried again. */
export class AttemptFailed<T> extends Error {
  override readonly name = "AttemptFailed";
  /** The error. */
  readonly reason: unknown;
  /** Tries it once more. */
  readonly again: () => Promise<T>;
  /** What the failure means for the user's action, as a sentence. */
  readonly consequence: string;

  constructor(reason: unknown, again: () => Promise<T>, consequence: string) {
    super(reason instanceof Error ? reason.message : String(reason));
    this.reason = reason;
    this.again = again;
    this.consequence = consequence;
  }
}

/** Return what `act` returns. Rejects with AttemptFailed, or with Cancelled. */
export async function attempt<T>(act: () => Promise<T>, consequence: string): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw error instanceof Cancelled ? error : new AttemptFailed(error, async () => attempt(act, consequence), consequence);
  }
}

/**
 * Run a command's action. A failure is logged and shown in one sentence with a button that helps; after that the action
 * is run again. A cancellation is not shown.
 *
 * @param place the place that the action is about, if there is one
 * @returns what the action returned; undefined if it failed
 */
export async function reporting<T>(
  log: vscode.LogOutputChannel,
  action: () => Promise<T>,
  place?: vscode.Uri,
): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof Cancelled) {
      return undefined;
    }
    const failed = error instanceof AttemptFailed ? (error as AttemptFailed<T>) : new AttemptFailed(error, action, "");
    return (await offerFix(log, failed, place)) ? reporting(log, failed.again, place) : undefined;
  }
}

/** Show a failure with a button that fixes it, if there is one; return whether to try again. */
async function offerFix(
  log: vscode.LogOutputChannel,
  { consequence, reason }: AttemptFailed<unknown>,
  place: vscode.Uri | undefined,
  canTryAgain = true,
): Promise<boolean> {
  // The stack of an error of the helper is of no interest, only its message.
  log.error(reason instanceof Error && !(reason instanceof HelperError) ? reason : String(reason));
  const known = reason instanceof HelperError ? reason : undefined;
  const message = failureText(known ?? { message: reason instanceof Error ? reason.message : String(reason) }, consequence);
  const isOutside = place !== undefined && vscode.workspace.getWorkspaceFolder(place) === undefined;
  const found = fixFor(known?.code, { tool: known?.tool, python: known?.python, isOutside });
  const fix = canTryAgain || found?.command !== undefined ? found : undefined;
  const buttons = [...(fix === undefined ? [] : [fix.title]), vscode.l10n.t("Show Log")];
  const choice = await vscode.window.showErrorMessage(message, ...buttons);
  if (choice === undefined) {
    return false;
  }
  if (choice !== fix?.title) {
    log.show();
    return false;
  }
  return (await runFix(fix, place)) && canRetryAfter(fix);
}

/** Run the command of a fix; return whether it succeeded. */
async function runFix({ argument, command }: Fix, place: vscode.Uri | undefined): Promise<boolean> {
  if (command === undefined) {
    return true;
  }
  const whole = command.includes(".") ? command : `pythonWorkflow.${command}`;
  const about = command === "vscode.openFolder" && place !== undefined ? folderOfPlace(place) : place;
  return (await vscode.commands.executeCommand(whole, argument ?? about)) === true;
}

/** Return what `pending` resolves to; undefined as soon as it fails. The failure is shown as {@link reporting} does. */
export async function orReported<T>(
  log: vscode.LogOutputChannel,
  pending: Promise<T>,
  place?: vscode.Uri,
): Promise<T | undefined> {
  return pending.catch((error: unknown) => {
    if (!(error instanceof Cancelled)) {
      // The caller has continued without the result, so it cannot try again: the user can.
      void offerFix(log, new AttemptFailed(error, async () => pending, ""), place, false);
    }
    return undefined;
  });
}
