/** What is told of an environment's step with its lock. */
import type { CheckResult, SyncResult } from "../protocol.ts";
import { asSentence } from "./plain.ts";

/** What the status bar says of a check; undefined where nothing is to be said. */
export function behind(checked: CheckResult): string | undefined {
  return checked.state === "out_of_step" ? checked.message : undefined;
}

/** What a person who asked for a check is told, and whether something is wrong that a sync mends. */
export interface Told {
  readonly text: string;
  readonly mend: boolean;
}

/** @param name what the environment is called */
export function checkTold(checked: CheckResult, name: string): Told {
  switch (checked.state) {
    case "in_step":
      return { text: `${name} works and is in step.`, mend: false };
    case "unknown":
      return { text: `${name} works. Whether it is in step cannot be told: ${ended(checked.message)}`, mend: false };
    case "none":
      return { text: "There is no environment to check.", mend: false };
    case "broken":
      return { text: asSentence(checked.message), mend: true };
    case "out_of_step":
      return { text: `${name} is not in step: ${ended(checked.message)}`, mend: true };
  }
}

/** @param name what the environment is called */
export function syncTold(done: SyncResult, name: string): string {
  if (done.recreated) {
    return `${name} was made anew.`;
  }
  if (!done.changed) {
    return `${name} was in step already.`;
  }
  const counted = [
    [done.installed.length, "installed"],
    [done.removed.length, "removed"],
  ] as const;
  const parts = counted.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return `${name} is in step now: ${parts.join(", ")}.`;
}

function ended(clause: string): string {
  return clause.endsWith(".") ? clause : `${clause}.`;
}
