/** What the helper writes beside its answers, line by line, as lines of our log. */
import { withoutSecrets } from "./masking.ts";

/** How much a line matters, in the words of the log. */
export type Level = "debug" | "info" | "warn" | "error";

const LEVELS: Readonly<Record<string, Level>> = {
  DEBUG: "debug",
  INFO: "info",
  WARNING: "warn",
  ERROR: "error",
  CRITICAL: "error",
};

/** Tells the level of each line; what follows a line, such as a traceback, has that of the line. */
export class HelperLog {
  private level: Level = "warn";

  /** @param line as the helper wrote it: `LEVEL name: message`, or what nobody gave a form */
  take(line: string): { readonly level: Level; readonly text: string } {
    const [, word = "", message] = /^([A-Z]+) [\w.]+: (.*)$/.exec(line) ?? [];
    const level = LEVELS[word];
    if (level !== undefined) {
      this.level = level;
    }
    return { level: this.level, text: `helper: ${withoutSecrets(level === undefined ? line : (message ?? line))}` };
  }
}
