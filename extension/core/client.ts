/** The helper as the rest of the extension sees it: requests, and the errors that they can end with. */
import type { NotificationType, ProgressToken, RequestType } from "../protocol.ts";

/** The helper refused or failed. The message is one sentence, with what to do about it where that is known. */
export class HelperError extends Error {
  override readonly name = "HelperError";
  /** The helper's own name for what went wrong, or `unavailable` when it did not answer. */
  readonly code: string;
  readonly hint: string | null;
  /** The failure in one sentence, where the message goes on with what a tool wrote. */
  readonly summary: string | undefined;
  /** The program, or the release of Python, that is not installed. */
  readonly tool: string | undefined;
  readonly python: string | undefined;

  constructor(
    message: string,
    code: string,
    hint: string | null,
    { python, summary, tool }: { readonly summary?: string | undefined; readonly tool?: string | undefined; readonly python?: string | undefined } = {},
  ) {
    super(message);
    this.code = code;
    this.hint = hint;
    this.summary = summary;
    this.tool = tool;
    this.python = python;
  }
}

/** The user cancelled: nothing was done. */
export class Cancelled extends Error {
  override readonly name = "Cancelled";
}

/** The progress of a long request; `percent` is set only where the helper knows it. */
export interface Progress {
  readonly message: string | undefined;
  readonly percent: number | undefined;
}

/** Sends requests to the helper. They wait until it runs. */
export interface HelperClient {
  /**
   * Send a request and read its result.
   *
   * Rejects with {@link HelperError} when the helper refuses or does not answer in time.
   */
  request<P extends object, R>(type: RequestType<P, R>, params: P): Promise<R>;

  /**
   * Send a request that takes long. Rejects with {@link HelperError}, or with {@link Cancelled} once `signal` is
   * aborted.
   */
  perform<P extends { readonly workDoneToken?: ProgressToken }, R>(
    type: RequestType<P, R>,
    params: Omit<P, "workDoneToken">,
    signal: AbortSignal,
    report: (progress: Progress) => void,
  ): Promise<R>;

  /**
   * Send a request that takes long and whose result comes in parts. Rejects with {@link HelperError}, or with {@link
   * Cancelled} where the helper answers `signal` with nothing.
   *
   * @param take is given each part, as it came
   */
  stream<P extends { readonly partialResultToken?: ProgressToken }, R>(
    type: RequestType<P, R>,
    params: Omit<P, "partialResultToken">,
    signal: AbortSignal,
    take: (part: unknown) => void,
  ): Promise<R>;

  /** Send a notification; without a running helper it is dropped. */
  notify<P extends object>(type: NotificationType<P>, params: P): void;
}
