/** Another extension that selects Python environments, as this one deals with it. */
import type * as vscode from "vscode";

import type { Environment } from "../../protocol.ts";

/** A change in a neighbor. */
export interface NeighborChange {
  readonly place: vscode.Uri;
  /** The path of what was selected there; null where that is not told. */
  readonly before: string | undefined | null;
}

/** A neighbor whose extension is activated. Whatever it is asked may throw, reject, or never be answered. */
export interface Neighbor {
  /** As people know it. */
  readonly name: string;
  /** Settles when it has started. It may forget a selection that it was given earlier. */
  readonly started: Promise<unknown>;
  /** Fires where it starts to choose by itself, even over what it was handed. */
  readonly onDidStart: vscode.Event<vscode.Uri>;
  /** Fires when it has chosen for all places; undefined where it does not tell. */
  readonly onDidChoose: vscode.Event<unknown> | undefined;
  /** Places below the open folders that have a selection of their own there, as it stands now. */
  readonly nested: () => readonly vscode.Uri[];
  /** Fires where another environment may be selected now; undefined means everywhere. */
  readonly onDidChange: vscode.Event<NeighborChange | undefined>;
  /** Absolute path of what is selected: an interpreter, or an environment's folder. */
  selected(place: vscode.Uri): Promise<string | undefined>;
  /** Have it select an environment for an open folder, or for a nested place. */
  hand(place: vscode.Uri, environment: Environment): Promise<void>;
  /** Stop listening to it. */
  dispose(): void;
}

/** The version of a neighbor lacks functions that are called here. */
export class Unfamiliar extends Error {
  override readonly name = "Unfamiliar";
}

/**
 * Return what an extension exports, once it has the functions that are called here.
 *
 * Throws {@link Unfamiliar}. The values that they return are checked where they are used.
 */
export function familiar<T extends object>(exported: unknown, functions: readonly (keyof T & string)[]): T {
  const missing = functions.filter(
    (name) => typeof (exported as Partial<Record<string, unknown>> | null | undefined)?.[name] !== "function",
  );
  if (missing.length > 0) {
    throw new Unfamiliar(`it does not offer ${missing.join(", ")}`);
  }
  return exported as T;
}
