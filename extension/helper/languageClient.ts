/**
 * The LSP library, as a bundle of its own: it is larger than all the rest, and would slow down the extension's start.
 */
import { LanguageClient } from "vscode-languageclient/node";

import { withoutSecrets } from "../core/masking.ts";

export {
  CancellationTokenSource,
  CloseAction,
  ErrorAction,
  LSPErrorCodes,
  ProgressType,
  ResponseError,
  WorkDoneProgress,
} from "vscode-languageclient/node";

/** Logs the errors that the base class would show to the user: the supervisor decides which ones are shown. */
export class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }

  /** Write a line of the trace without secrets: users share traces. */
  override trace(message: string, data?: unknown): void {
    super.trace(message, typeof data === "string" ? withoutSecrets(data) : data);
  }
}
