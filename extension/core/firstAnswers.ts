/** The first answers after activation, and with them the Python that runs the helper. */
import type { AskedFolder, OneShotResult } from "./oneShot.ts";
import type { Answer } from "../protocol.ts";

/** What asking came to: the Python that runs the helper, if any did, and the answers it gave. */
export interface FirstAnswers {
  /** Absolute path; undefined when no candidate runs the helper. */
  readonly python: string | undefined;
  readonly answers: readonly Answer[];
  /** What did not go well, a sentence each. */
  readonly problems: readonly string[];
}

/**
 * Asks about all folders at once with each candidate, until one runs the helper.
 *
 * There is no separate probe: the question shows whether the interpreter will do.
 *
 * @param ask puts the question about one folder to one interpreter
 */
export async function firstAnswers(
  candidates: Iterable<string>,
  folders: readonly AskedFolder[],
  ask: (python: string, folder: AskedFolder) => Promise<OneShotResult>,
): Promise<FirstAnswers> {
  const problems: string[] = [];
  for (const python of candidates) {
    const results = await Promise.all(folders.map(async (folder) => ask(python, folder)));
    const reasons = results.flatMap((result) => (result.kind === "answer" ? [] : [result.reason]));
    problems.push(...new Set(reasons.map((reason) => `${python}: ${reason}`)));
    if (results.some((result) => result.kind !== "unsuitable")) {
      const answers = results.flatMap((result) => (result.kind === "answer" ? [result.answer] : []));
      return { python, answers, problems };
    }
  }
  return { python: undefined, answers: [], problems };
}
