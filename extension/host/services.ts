/** The services that every feature gets. */
import type * as vscode from "vscode";

import type { HelperClient } from "../core/client.ts";
import type { Commands } from "./commands.ts";
import type { Interpreters } from "./interpreters.ts";
import type { EnvironmentSync } from "./sync.ts";

/** The services that were built on activation. Features keep none of their own state in them. */
export interface Services {
  readonly context: vscode.ExtensionContext;
  readonly helper: HelperClient & {
    readonly restart: () => Promise<void>;
    /** Absolute path of the Python that runs the helper; undefined while none is known. */
    readonly runner: () => string | undefined;
    /** Returns the command line of `wsp` with these arguments; undefined while no Python for it is known. */
    readonly commandLine: (words: readonly string[]) => readonly string[] | undefined;
  };
  readonly interpreters: Interpreters;
  readonly sync: EnvironmentSync;
  readonly commands: Commands;
  readonly log: vscode.LogOutputChannel;
}
