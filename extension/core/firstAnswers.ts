/** The first answers after activation, and with them the Python that runs the helper. */
import type { AskedFolder, OneShotResult } from "./oneShot.ts";
import type { Answer } from "../protocol.ts";

/** Candidates that may keep the user waiting before the first of them is taken as it is. */
const MOST_ENDLESS = 3;

/** What asking came to: the Python that runs the helper, if any did, and the answers it gave. */
export interface FirstAnswers {
  /** Absolute path; undefined when no candidate runs the helper. */
  readonly python: string | undefined;
  /** Absolute paths of those that did not come to an end. */
  readonly endless: readonly string[];
  readonly answers: readonly Answer[];
  /** What did not go well, a sentence each. */
  readonly problems: readonly string[];
}

/**
 * Asks about all folders at once with each candidate, until one runs the helper.
 *
 * There is no separate probe: the question shows whether the interpreter will do. Where none answers but some were
 * still at it, the machine may be slow, and the likeliest of them is taken.
 *
 * @param ask puts the question about one folder to one interpreter
 */
export async function firstAnswers(
  candidates: Iterable<string>,
  folders: readonly AskedFolder[],
  ask: (python: string, folder: AskedFolder) => Promise<OneShotResult>,
): Promise<FirstAnswers> {
  const problems: string[] = [];
  const endless: string[] = [];
  for (const python of candidates) {
    const results = await Promise.all(folders.map(async (folder) => ask(python, folder)));
    const reasons = results.flatMap((result) => (result.kind === "answer" ? [] : [result.reason]));
    problems.push(...new Set(reasons.map((reason) => `${python}: ${reason}`)));
    if (results.some(({ kind }) => kind === "answer" || kind === "failed")) {
      const answers = results.flatMap((result) => (result.kind === "answer" ? [result.answer] : []));
      return { python, endless, answers, problems };
    }
    if (results.some(({ kind }) => kind === "endless") && endless.push(python) === MOST_ENDLESS) {
      break;
    }
  }
  return { python: endless[0], endless, answers: [], problems };
}
