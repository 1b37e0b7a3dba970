/** Starts the extension's own processes, and ends every one of them. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";

import type { Finished } from "../core/oneShot.ts";

/** The most output of a process, more than any answer has; a process that prints more is stopped. */
const MOST_OUTPUT = 8 * 1024 * 1024;

/** The children of this extension. Each is started without a shell, in a group of its own. */
export class Children {
  private readonly running = new Set<ChildProcessWithoutNullStreams>();
  private readonly folder: string;

  /** @param folder absolute path where children run: never a workspace folder */
  constructor(folder: string) {
    this.folder = folder;
  }

  /** Start a child that goes on until it is stopped. It may emit `error` instead of starting. */
  start(program: string, args: readonly string[]): ChildProcessWithoutNullStreams {
    const child = spawn(program, args, {
      cwd: this.folder,
      // On Windows this would open a console window.
      detached: process.platform !== "win32",
      shell: false,
      stdio: ["pipe", "pipe", "pipe"],
      windowsHide: true,
    });
    this.running.add(child);
    const forget = (): void => {
      this.running.delete(child);
    };
    child.once("exit", forget);
    child.once("error", forget);
    // A child that ends while it is written to breaks the pipe; `exit` reports its end.
    child.stdin.on("error", () => undefined);
    return child;
  }

  /** Run a child to its end, without input, for at most `timeoutMs`. Never rejects. */
  async run(program: string, args: readonly string[], timeoutMs: number): Promise<Finished> {
    return new Promise((resolve) => {
      const child = this.start(program, args);
      const stop = (reason: string): void => {
        resolve({ kind: "stopped", reason });
        this.stop(child);
      };
      const timer = setTimeout(() => {
        stop(`it did not answer within ${timeoutMs / 1000} s`);
      }, timeoutMs);
      const gather = (stream: NodeJS.ReadableStream): (() => string) => {
        const chunks: Buffer[] = [];
        let size = 0;
        stream.on("data", (chunk: Buffer) => {
          size += chunk.length;
          chunks.push(chunk);
          if (size > MOST_OUTPUT) {
            stop("it printed too much");
          }
        });
        return () => Buffer.concat(chunks).toString("utf8");
      };
      const stdout = gather(child.stdout);
      const stderr = gather(child.stderr);
      child.once("error", (error) => {
        clearTimeout(timer);
        resolve({ kind: "not-started", reason: error.message });
      });
      child.once("close", (code) => {
        clearTimeout(timer);
        resolve({ kind: "ended", code, stdout: stdout(), stderr: stderr() });
      });
      child.stdin.end();
    });
  }

  /** End a child and what it started. */
  stop(child: ChildProcessWithoutNullStreams): void {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
      return;
    }
    try {
      if (process.platform === "win32") {
        child.kill();
      } else {
        process.kill(-child.pid, "SIGKILL");
      }
    } catch {
      // It ended by itself in between.
    }
  }

  /** End all of them. */
  dispose(): void {
    for (const child of this.running) {
      this.stop(child);
    }
  }
}
