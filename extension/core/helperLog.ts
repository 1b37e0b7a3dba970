/** Turns what the helper writes to its standard error into lines of the extension's log. */
import { withoutSecrets } from "./masking.ts";

/** A log level. */
export type Level = "debug" | "info" | "warn" | "error";

const LEVELS: Readonly<Record<string, Level>> = {
  DEBUG: "debug",
  INFO: "info",
  WARNING: "warn",
  ERROR: "error",
  CRITICAL: "error",
};

/** Finds the level of each line; the lines after it, such as a traceback, have the same level. */
export class HelperLog {
  private level: Level = "warn";

  /**
   * Return the level and the text of the next line.
   *
   * @param line `LEVEL name: message`, or any other text
   */
  take(line: string): { readonly level: Level; readonly text: string } {
    const [, word = "", message] = /^([A-Z]+) [\w.]+: (.*)$/.exec(line) ?? [];
    const level = LEVELS[word];
    if (level !== undefined) {
      this.level = level;
    }
    return { level: this.level, text: `helper: ${withoutSecrets(level === undefined ? line : (message ?? line))}` };
  }
}
