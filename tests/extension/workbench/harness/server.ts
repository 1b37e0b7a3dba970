import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { start } from "../../../../scripts/lib/processes.mjs";
import { giveBack, type Address } from "./addresses.ts";
import { paths } from "./paths.ts";

/** A running VS Code server. */
export interface Server {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** The processes of the family whose command line has the text: `{pid, command}`. */
  processes(text: string): readonly { readonly pid: number; readonly command: string }[];
  /** End it and everything it started. */
  stop(): Promise<void>;
}

export interface ServerOptions {
  /** Where the browser will find it; given back when it has ended. */
  readonly address: Address;
  /** User data; absolute. */
  readonly data: string;
  /** Installed extensions; absolute. */
  readonly extensions: string;
  /** Extensions of VS Code's own, in place of all that it comes with; absolute. */
  readonly builtIn: string | undefined;
  /** A file that gets all its output. */
  readonly log: string;
  /** No workspace trust: every folder is trusted. */
  readonly trustAll: boolean;
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** Loaded before VS Code. */
const unpacked = new URL("unpacked.mts", import.meta.url).href;
const startTimeout = 60_000;

/** Start VS Code at an address; resolves when it listens. */
export async function startServer({ address, data, extensions, builtIn, log, trustAll, env }: ServerOptions): Promise<Server> {
  const options = [
    ["--socket", address.socket, "--auth", "none"],
    ["--user-data-dir", data, "--extensions-dir", extensions, "--config", `${data}.yaml`],
    ["--disable-telemetry", "--disable-update-check", "--disable-getting-started-override"],
    ["--ignore-last-opened", "--reconnection-grace-time", "5"],
    builtIn === undefined ? [] : ["--builtin-extensions-dir", builtIn],
    trustAll ? ["--disable-workspace-trust"] : [],
  ];
  const started = start([paths.node24, "--import", unpacked, paths.codeServer, ...options.flat()], { bare: true, env, log });
  const deadline = performance.now() + startTimeout;
  for (;;) {
    if (started.output().includes("HTTP server listening on")) {
      return {
        url: address.url,
        processes: (text) =>
          started
            .family()
            .map((pid) => ({ pid, command: commandLine(pid) }))
            .filter(({ command }) => command.includes(text)),
        stop: async () => {
          await started.stop();
          giveBack(address);
        },
      };
    }
    const ended = await Promise.race([started.ended, sleep(50)]);
    if (ended !== undefined || performance.now() > deadline) {
      await started.stop();
      giveBack(address);
      throw new Error(`VS Code did not start:\n${started.output()}`);
    }
  }
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return ""; // ended meanwhile
  }
}
