/** What a command does when it fails. */
import * as vscode from "vscode";

import { Cancelled, HelperError } from "../core/client.ts";
import { asSentence } from "../core/plain.ts";

/** Runs a command's action; a failure is logged and shown in one sentence, a cancellation is neither. */
export async function reporting(
  log: vscode.LogOutputChannel,
  action: () => Promise<void>,
): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (error instanceof Cancelled) {
      return;
    }
    log.error(error instanceof Error ? error : String(error));
    const hint = error instanceof HelperError && error.hint !== null ? ` ${error.hint}` : "";
    const message = `${asSentence(error instanceof Error ? error.message : String(error))}${hint}`;
    const choice = await vscode.window.showErrorMessage(message, vscode.l10n.t("Show Log"));
    if (choice !== undefined) {
      log.show();
    }
  }
}
