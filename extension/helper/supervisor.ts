/** Keeps one language server running, for as long as the extension is active. */
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { isDeepStrictEqual } from "node:util";

import type { LogOutputChannel } from "vscode";

import { HelperError } from "../core/client.ts";
import { OneQueued } from "../core/queue.ts";
import { RestartPolicy } from "../core/restart.ts";
import { type Answer, type Context, DidChangeContext } from "../protocol.ts";
import { Server } from "./server.ts";

const INITIALIZE_TIMEOUT_MS = 30_000;
/** What a helper may take to end the workflow servers that it started: longer than it gives these. */
const END_TIMEOUT_MS = 4_000;

/** The server did not answer when it was started, or ended again and again. */
export type ServerTrouble = "silent" | "ending";

/** What the supervisor is handed, and whom it tells. */
export interface SupervisorOptions {
  /** Starts a server's process; undefined when no Python runs it. */
  readonly spawn: () => Promise<ChildProcessWithoutNullStreams | undefined>;
  /** Ends a process. */
  readonly kill: (child: ChildProcessWithoutNullStreams) => void;
  /** The context that a server starts with. */
  readonly context: () => Context;
  readonly log: LogOutputChannel;
  readonly onAnswers: (answers: readonly Answer[]) => void;
  /** A server runs, for the first time or again: what was known may be out of date. */
  readonly onReady: () => void;
  /** The server cannot be had; told once until it runs, or a person has it started. */
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
  private readonly starts = new OneQueued(async () => this.begin());
  private waiters: readonly Waiter[] = [];
  private server: Server | undefined;
  private child: ChildProcessWithoutNullStreams | undefined;
  private timer: NodeJS.Timeout | undefined;
  private disposed = false;
  private told = false;

  constructor(options: SupervisorOptions) {
    this.options = options;
  }

  /** Starts the server, or another one in place of the one that runs. Settles when it runs or was given up. */
  async start(): Promise<void> {
    this.policy.reset();
    this.told = false;
    clearTimeout(this.timer);
    return this.starts.request();
  }

  /** The server that runs now. */
  get running(): Server | undefined {
    return this.server;
  }

  /** The server that runs, or the next one that will; rejects with HelperError after `timeoutMs`. */
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

  /** Stops the server; it is not started again. */
  async dispose(): Promise<void> {
    this.disposed = true;
    clearTimeout(this.timer);
    this.settle((waiter) => {
      waiter.reject(unavailable("The helper was stopped."));
    });
    await this.stopCurrent();
  }

  private async begin(): Promise<void> {
    await this.stopCurrent();
    const child = this.disposed ? undefined : await this.options.spawn();
    if (child === undefined) {
      this.settle((waiter) => {
        waiter.reject(unavailable("No Python 3.10 or newer runs the helper."));
      });
      return;
    }
    this.child = child;
    const startedAt = performance.now();
    const ended = (code: number | null, signal: string | null): void => {
      this.died(child, startedAt, signal ?? `exit status ${code ?? "unknown"}`);
    };
    child.once("exit", ended);
    // One that could not be started never exits.
    child.once("close", ended);
    const timer = setTimeout(() => {
      this.tell("silent");
      this.options.kill(child);
    }, INITIALIZE_TIMEOUT_MS);
    try {
      const context = this.options.context();
      const server = await Server.connect({ ...this.options, child, context });
      if (!isDeepStrictEqual(context, this.options.context())) {
        server.notify(DidChangeContext, this.options.context());
      }
      this.arrived(child, server, startedAt);
    } catch (error) {
      this.options.log.error(`The helper could not be started: ${String(error)}`);
      this.options.kill(child);
    } finally {
      clearTimeout(timer);
    }
  }

  private arrived(child: ChildProcessWithoutNullStreams, server: Server, startedAt: number): void {
    if (this.child !== child) {
      return;
    }
    this.server = server;
    this.told = false;
    const took = Math.round(performance.now() - startedAt);
    this.options.log.info(`The helper (process ${child.pid ?? "?"}) was ready in ${took} ms.`);
    this.settle((waiter) => {
      waiter.resolve(server);
    });
    this.options.onReady();
  }

  private died(child: ChildProcessWithoutNullStreams, startedAt: number, how: string): void {
    if (this.child !== child || this.disposed) {
      return;
    }
    this.child = undefined;
    this.server = undefined;
    const { delayMs, tell } = this.policy.died(startedAt, performance.now());
    this.options.log.warn(`The helper ended (${how}); it is started again in ${delayMs} ms.`);
    if (tell) {
      this.tell("ending");
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
        await ended(child, END_TIMEOUT_MS);
      }
      this.options.kill(child);
    }
  }

  private tell(trouble: ServerTrouble): void {
    if (!this.told) {
      this.told = true;
      this.options.onTrouble(trouble);
    }
  }

  private settle(tell: (waiter: Waiter) => void): void {
    const { waiters } = this;
    this.waiters = [];
    waiters.forEach(tell);
  }
}

/** Settles when a child has ended, or after the time given. */
async function ended(child: ChildProcessWithoutNullStreams, timeoutMs: number): Promise<void> {
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
