/** What a command is about when a row of a list or of the view calls it. */
import type { Environment } from "../protocol.ts";

/** What the row shows; what is missing is asked for, or is where the user is. */
export interface Subject {
  /** The row shows it, so that nothing but a row passes for one. */
  readonly kind: string;
  /** The folder. */
  readonly uri?: string;
  readonly environment?: Environment;
  /** The name of an installed package of it. */
  readonly package?: string;
}

/** Return whether it is a Python of the machine, however it came to be shown: it is no environment, so that nobody deletes it. */
export function isOfMachine({ kind, source }: Environment): boolean {
  // An environment that leads PATH, as in an image of a container, is shown as the machine's.
  return kind === "system" || source === "system";
}

/** Return whether it works on another machine, by the workflow that runs there. */
export function isRemote({ kind, status }: Environment): boolean {
  return kind === "remote" && status.state === "ok";
}

/** Return whether a command was called with a row. */
export function isSubject(value: unknown): value is Subject {
  return (
    typeof value === "object" &&
    value !== null &&
    "kind" in value &&
    typeof value.kind === "string" &&
    (!("uri" in value) || typeof value.uri === "string")
  );
}

/** Return the environment of the row that a command was called with. */
export function environmentOf(value: unknown): Environment | undefined {
  return isSubject(value) ? value.environment : undefined;
}
