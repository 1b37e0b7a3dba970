/** The interface to another extension that selects Python environments. */
import type * as vscode from "vscode";

import type { Environment } from "../../protocol.ts";

/** A change in a neighbor. */
export interface NeighborChange {
  readonly place: vscode.Uri;
  /** The path of its selection before; null where that is not known. */
  readonly before: string | undefined | null;
}

/** A neighbor whose extension is activated. Its functions may throw, reject, or never settle. */
export interface Neighbor {
  /** Its display name. */
  readonly name: string;
  /** Settles when it has started. It may forget a selection that was handed over earlier. */
  readonly started: Promise<unknown>;
  /** Fires for a place for which it starts to choose by itself, even over what it was handed. */
  readonly onDidStart: vscode.Event<vscode.Uri>;
  /** Fires when it has chosen for all places; undefined for a neighbor that does not report it. */
  readonly onDidChoose: vscode.Event<unknown> | undefined;
  /** Returns the places below open folders that have a selection of their own there now. */
  readonly nested: () => readonly vscode.Uri[];
  /** Fires for a place whose selection may have changed; undefined means all places. */
  readonly onDidChange: vscode.Event<NeighborChange | undefined>;
  /** Return the absolute path of its selection: an interpreter, or an environment's folder. */
  selected(place: vscode.Uri): Promise<string | undefined>;
  /** Have it select an environment for an open folder, or for a nested place. */
  hand(place: vscode.Uri, environment: Environment): Promise<void>;
  /** Stop listening to it. */
  dispose(): void;
}

/** The installed version of a neighbor lacks functions that are called here. */
export class Unfamiliar extends Error {
  override readonly name = "Unfamiliar";
}

/**
 * Return the exports of an extension after checking that it has the functions that are called here.
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
