/**
 * What is used of the library that speaks LSP, as a bundle of its own: it is larger than all the rest, and has no
 * business in the extension's start.
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

/** Logs what the stock client would put in front of the user: the supervisor decides what is shown. */
export class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }

  /** Anyone may be shown a trace: what opens something of the user's is left out of it. */
  override trace(message: string, data?: unknown): void {
    super.trace(message, typeof data === "string" ? withoutSecrets(data) : data);
  }
}
