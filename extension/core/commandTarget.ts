/** The target of a command that was run from a row of a list or of the view. */
import type { Environment } from "../protocol.ts";

/** What a row shows. The command asks for what is missing, or takes it from the active editor. */
export interface Subject {
  /** Marks the value as a row's: an argument of another kind is never taken for one. */
  readonly kind: string;
  /** The folder. */
  readonly uri?: string;
  readonly environment?: Environment;
  /** The name of an installed package of it. */
  readonly package?: string;
}

/** Return whether an environment is really a Python of the machine, which must never be deleted. */
export function isOfMachine({ kind, source }: Environment): boolean {
  // An environment that leads PATH, as in an image of a container, is shown as the machine's.
  return kind === "system" || source === "system";
}

/** Return whether an environment is on another machine, where its workflow runs. */
export function isRemote({ kind, status }: Environment): boolean {
  return kind === "remote" && status.state === "ok";
}

/** Return whether a command was run from a row. */
export function isSubject(value: unknown): value is Subject {
  return (
    typeof value === "object" &&
    value !== null &&
    "kind" in value &&
    typeof value.kind === "string" &&
    (!("uri" in value) || typeof value.uri === "string")
  );
}

/** Return the environment of the row that a command was run from. */
export function environmentOf(value: unknown): Environment | undefined {
  return isSubject(value) ? value.environment : undefined;
}
