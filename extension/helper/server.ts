/** One run of the language server, and the client that speaks to it. */
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { createInterface } from "node:readline";

import type { LogOutputChannel } from "vscode";

import { Cancelled, HelperError, type Progress } from "../core/client.ts";
import { HelperLog } from "../core/helperLog.ts";
import {
  type Answer,
  changedAnswersFromWire,
  type Context,
  DidChangeInterpreter,
  errorDataFromWire,
  type NotificationType,
  type RequestType,
} from "../protocol.ts";
import type * as languageClient from "./languageClient.ts";

/** The LSP library. Loading it takes longer than the first answer: see {@link Server.connect}. */
type Library = typeof languageClient;

const NAME = "Python Workflow";
const STOP_TIMEOUT_MS = 2_000;

/** The documents for which the server offers completions, hovers and diagnostics: no other is sent to it. */
const DOCUMENTS = ["pyproject.toml", "pyworkflow.toml", ".python-envs"].map((name) => ({
  scheme: "file",
  pattern: `**/${name}`,
}));

/** The input and the callbacks of a run. */
export interface ServerOptions {
  readonly child: ChildProcessWithoutNullStreams;
  readonly context: Context;
  readonly log: LogOutputChannel;
  readonly onAnswers: (answers: readonly Answer[]) => void;
}

/** How a request may end early and what it reports meanwhile. */
export interface RequestOptions {
  readonly signal: AbortSignal;
  readonly progress?: { readonly token: string; readonly report: (progress: Progress) => void };
  /** Parts of the result, as they come. */
  readonly parts?: { readonly token: string; readonly take: (part: unknown) => void };
}

/** A server that has been initialized. */
export class Server {
  private readonly library: Library;
  private readonly client: languageClient.QuietClient;
  private readonly log: LogOutputChannel;

  private constructor(library: Library, options: ServerOptions) {
    const { CloseAction, ErrorAction, QuietClient } = library;
    this.library = library;
    this.log = options.log;
    this.client = new QuietClient(
      // Also the section of the settings where it finds how much is traced.
      "pythonWorkflow",
      NAME,
      async () => Promise.resolve({ reader: options.child.stdout, writer: options.child.stdin }),
      {
        outputChannel: options.log,
        initializationOptions: options.context,
        documentSelector: DOCUMENTS,
        initializationFailedHandler: () => false,
        errorHandler: {
          error: () => ({ action: ErrorAction.Continue, handled: true }),
          closed: () => ({
            action: CloseAction.DoNotRestart,
            handled: true,
            message: "The connection to the helper was closed.",
          }),
        },
      },
    );
    this.client.onNotification(DidChangeInterpreter.method, (params: unknown) => {
      this.read(() => {
        options.onAnswers(changedAnswersFromWire(params, "didChangeInterpreter"));
      });
    });
  }

  /** Speak to a child until it is initialized; rejects when that fails. */
  static async connect(options: ServerOptions): Promise<Server> {
    const helperLog = new HelperLog();
    createInterface({ input: options.child.stderr }).on("line", (line) => {
      const { level, text } = helperLog.take(line);
      options.log[level](text);
    });
    // While the process starts, which takes as long.
    const server = new Server(await import("./languageClient.ts"), options);
    await server.client.start();
    return server;
  }

  /** Ask; rejects with HelperError, with Cancelled after `signal`, or with a WireError. */
  async request<P extends object, R>(
    type: RequestType<P, R>,
    params: P,
    options: RequestOptions,
  ): Promise<R> {
    if (options.signal.aborted) {
      throw new Cancelled();
    }
    const source = new this.library.CancellationTokenSource();
    const cancel = (): void => {
      source.cancel();
    };
    options.signal.addEventListener("abort", cancel, { once: true });
    const progress =
      options.progress === undefined ? undefined : this.listen(options.progress.token, options.progress.report);
    const parts = options.parts === undefined ? undefined : this.collect(options.parts.token, options.parts.take);
    try {
      const result = await this.client.sendRequest<unknown>(type.method, params, source.token);
      return type.result(result, type.method);
    } catch (error) {
      throw this.translated(error);
    } finally {
      options.signal.removeEventListener("abort", cancel);
      progress?.dispose();
      parts?.dispose();
      source.dispose();
    }
  }

  /** Tell the server; failures are logged. */
  notify<P extends object>(type: NotificationType<P>, params: P): void {
    this.client.sendNotification(type.method, params).catch((error: unknown) => {
      this.log.debug(`${type.method} could not be sent: ${String(error)}`);
    });
  }

  /** Ask the server to end, and give it two seconds. Never rejects. */
  async stop(): Promise<void> {
    try {
      await this.client.dispose(STOP_TIMEOUT_MS);
    } catch (error) {
      this.log.debug(`The helper did not stop by itself: ${String(error)}`);
    }
  }

  private listen(token: string, report: (progress: Progress) => void): { dispose: () => void } {
    return this.client.onProgress(this.library.WorkDoneProgress.type, token, (value) => {
      // The notification shows the action already, in the editor's own words.
      if (value.kind !== "end") {
        report({ message: value.message, percent: value.percentage });
      }
    });
  }

  private collect(token: string, take: (part: unknown) => void): { dispose: () => void } {
    return this.client.onProgress(new this.library.ProgressType<unknown>(), token, (part) => {
      this.read(() => {
        take(part);
      });
    });
  }

  private read(take: () => void): void {
    try {
      take();
    } catch (error) {
      this.log.error(error instanceof Error ? error : String(error));
    }
  }
  private translated(error: unknown): unknown {
    const { LSPErrorCodes, ResponseError } = this.library;
    if (!(error instanceof ResponseError)) {
      return error;
    }
    if (error.code === LSPErrorCodes.RequestCancelled) {
      return new Cancelled();
    }
    const data = errorDataFromWire(error.data);
    return new HelperError(error.message, data?.code ?? "unavailable", data?.hint ?? null, data ?? {});
  }
}
