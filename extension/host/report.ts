/** What a command does when it fails. */
import * as vscode from "vscode";

import { Cancelled, HelperError } from "../core/client.ts";
import { fixFor } from "../core/fixes.ts";
import { asSentence } from "../core/plain.ts";

/**
 * Runs a command's action; a failure is logged and shown in one sentence with what mends it, a cancellation is neither.
 *
 * @param place what the action is about; undefined where it is about no place
 */
export async function reporting(
  log: vscode.LogOutputChannel,
  action: () => Promise<void>,
  place?: vscode.Uri,
): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (error instanceof Cancelled) {
      return;
    }
    // Where the helper said no is of no interest, only what it said.
    log.error(error instanceof Error && !(error instanceof HelperError) ? error : String(error));
    const hint = error instanceof HelperError && error.hint !== null ? ` ${error.hint}` : "";
    const message = `${asSentence(error instanceof Error ? error.message : String(error))}${hint}`;
    const fix = fixFor(error instanceof HelperError ? error.code : undefined);
    const buttons = [...(fix === undefined ? [] : [fix.title]), vscode.l10n.t("Show Log")];
    const choice = await vscode.window.showErrorMessage(message, ...buttons);
    if (choice === undefined) {
      return;
    }
    if (choice !== fix?.title) {
      log.show();
    } else if (fix.command.includes(".")) {
      await vscode.commands.executeCommand(fix.command);
    } else {
      await vscode.commands.executeCommand(`pythonWorkflow.${fix.command}`, place);
    }
  }
}

/** What `asked` gives; undefined as soon as it fails, which the user is told meanwhile as {@link reporting} does. */
export async function orReported<T>(
  log: vscode.LogOutputChannel,
  asked: Promise<T>,
  place?: vscode.Uri,
): Promise<T | undefined> {
  const told = async (): Promise<void> => {
    await asked;
  };
  void reporting(log, told, place);
  return asked.catch(() => undefined);
}
