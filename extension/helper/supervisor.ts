/** Keeps the helper, which is a language server, running for as long as the extension is active. */
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { isDeepStrictEqual } from "node:util";

import type { LogOutputChannel } from "vscode";

import { HelperError } from "../core/client.ts";
import { OneQueued } from "../core/queue.ts";
import { RestartPolicy } from "../core/restart.ts";
import { type Answer, type Context, DidChangeContext } from "../protocol.ts";
import { Server } from "./server.ts";

const INITIALIZE_TIMEOUT_MS = 30_000;
/** The time that a helper has to stop the workflow servers that it started: longer than the time that it gives them. */
const END_TIMEOUT_MS = 4_000;

/** The server did not respond when it was started, or ended again and again. */
export type ServerTrouble = "unresponsive" | "crashing";

/** The functions that the supervisor calls, and the callbacks that it reports to. */
export interface SupervisorOptions {
  /** Starts a server's process; resolves to undefined when no Python can run it. */
  readonly spawn: () => Promise<ChildProcessWithoutNullStreams | undefined>;
  /** Ends a process. */
  readonly kill: (child: ChildProcessWithoutNullStreams) => void;
  /** The context that a server starts with. */
  readonly context: () => Context;
  readonly log: LogOutputChannel;
  readonly onAnswers: (answers: readonly Answer[]) => void;
  /** A server runs, for the first time or again: earlier answers may be out of date. */
  readonly onReady: () => void;
  /** The server isn't available. Called once, and again only after a server ran or a person restarted it. */
  readonly onTrouble: (trouble: ServerTrouble) => void;
}

interface Waiter {
  readonly resolve: (server: Server) => void;
  readonly reject: (error: HelperError) => void;
}

/** Starts the server, and starts it again when it dies: one start at a time, at most one more queued. */
export class Supervisor {
  private readonly options: SupervisorOptions;
  private readonly policy = new RestartPolicy();
  private readonly starts = new OneQueued(async () => this.launch());
  private waiters: readonly Waiter[] = [];
  private server: Server | undefined;
  private child: ChildProcessWithoutNullStreams | undefined;
  private timer: NodeJS.Timeout | undefined;
  private disposed = false;
  private troubleReported = false;

  constructor(options: SupervisorOptions) {
    this.options = options;
  }

  /** Start the server, in place of one that runs. Settles when the new one runs or could not be started. */
  async start(): Promise<void> {
    this.policy.reset();
    this.troubleReported = false;
    clearTimeout(this.timer);
    return this.starts.request();
  }

  /** Return the server that is running; undefined while there is none. */
  get running(): Server | undefined {
    return this.server;
  }

  /** Return the server that runs, or the next one that will; rejects with HelperError after `timeoutMs`. */
  async whenRunning(timeoutMs: number): Promise<Server> {
    if (this.server !== undefined) {
      return this.server;
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(unavailable("The helper did not start in time."));
      }, timeoutMs);
      this.waiters = [
        ...this.waiters,
        {
          resolve: (server) => {
            clearTimeout(timer);
            resolve(server);
          },
          reject: (error) => {
            clearTimeout(timer);
            reject(error);
          },
        },
      ];
    });
  }

  /** Stop the server; it is not started again. */
  async dispose(): Promise<void> {
    this.disposed = true;
    clearTimeout(this.timer);
    this.settle((waiter) => {
      waiter.reject(unavailable("The helper was stopped."));
    });
    await this.stopCurrent();
  }

  private async launch(): Promise<void> {
    await this.stopCurrent();
    const child = this.disposed ? undefined : await this.options.spawn();
    if (child === undefined) {
      this.settle((waiter) => {
        waiter.reject(unavailable("No Python 3.10 or newer was found to run the helper."));
      });
      return;
    }
    this.child = child;
    const startedAt = performance.now();
    const onExit = (code: number | null, signal: string | null): void => {
      this.handleExit(child, startedAt, signal ?? `exit status ${code ?? "unknown"}`);
    };
    child.once("exit", onExit);
    // A process that could not be started emits "close", and never "exit".
    child.once("close", onExit);
    const timer = setTimeout(() => {
      this.reportTrouble("unresponsive");
      this.options.kill(child);
    }, INITIALIZE_TIMEOUT_MS);
    try {
      const context = this.options.context();
      const server = await Server.connect({ ...this.options, child, context });
      if (!isDeepStrictEqual(context, this.options.context())) {
        server.notify(DidChangeContext, this.options.context());
      }
      this.handleReady(child, server, startedAt);
    } catch (error) {
      this.options.log.error(`The helper could not be started: ${String(error)}`);
      this.options.kill(child);
    } finally {
      clearTimeout(timer);
    }
  }

  private handleReady(child: ChildProcessWithoutNullStreams, server: Server, startedAt: number): void {
    if (this.child !== child) {
      return;
    }
    this.server = server;
    this.troubleReported = false;
    const took = Math.round(performance.now() - startedAt);
    this.options.log.info(`The helper (process ${child.pid ?? "?"}) was ready in ${took} ms.`);
    this.settle((waiter) => {
      waiter.resolve(server);
    });
    this.options.onReady();
  }

  private handleExit(child: ChildProcessWithoutNullStreams, startedAt: number, how: string): void {
    if (this.child !== child || this.disposed) {
      return;
    }
    this.child = undefined;
    this.server = undefined;
    const { delayMs, shouldReport } = this.policy.afterExit(startedAt, performance.now());
    this.options.log.warn(`The helper ended (${how}); it is started again in ${delayMs} ms.`);
    if (shouldReport) {
      this.reportTrouble("crashing");
    }
    this.timer = setTimeout(() => {
      void this.starts.request();
    }, delayMs);
  }

  private async stopCurrent(): Promise<void> {
    const { server, child } = this;
    this.server = undefined;
    this.child = undefined;
    await server?.stop();
    if (child !== undefined) {
      if (server !== undefined) {
        await waitForExit(child, END_TIMEOUT_MS);
      }
      this.options.kill(child);
    }
  }

  private reportTrouble(trouble: ServerTrouble): void {
    if (!this.troubleReported) {
      this.troubleReported = true;
      this.options.onTrouble(trouble);
    }
  }

  private settle(action: (waiter: Waiter) => void): void {
    const { waiters } = this;
    this.waiters = [];
    waiters.forEach(action);
  }
}

/** Wait until a child has exited, but at most `timeoutMs`. */
async function waitForExit(child: ChildProcessWithoutNullStreams, timeoutMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, timeoutMs);
    child.once("exit", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function unavailable(message: string): HelperError {
  return new HelperError(message, "unavailable", "The log says more.");
}
