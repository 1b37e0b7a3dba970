/** The first answers after activation, and with them the Python that runs the helper. */
import type { AskedFolder, OneShotResult } from "./oneShot.ts";
import type { Answer } from "../protocol.ts";

/** The number of candidates that are tried without a response before the first of them is used anyway. */
const MOST_UNRESPONSIVE = 3;

/** The Python that runs the helper, if any can, and its answers. */
export interface FirstAnswers {
  /** Absolute path; undefined when no candidate runs the helper. */
  readonly python: string | undefined;
  /** Absolute paths of the Pythons that did not respond. */
  readonly unresponsive: readonly string[];
  readonly answers: readonly Answer[];
  /** The failures, a sentence each. */
  readonly problems: readonly string[];
}

/**
 * Ask about all folders at once with each candidate, until one runs the helper.
 *
 * There is no separate probe: the query shows whether the interpreter will do. Where none answers in time, the machine
 * may be slow, and the likeliest of those that did not respond is taken.
 *
 * @param ask asks one interpreter about one folder
 */
export async function firstAnswers(
  candidates: Iterable<string>,
  folders: readonly AskedFolder[],
  ask: (python: string, folder: AskedFolder) => Promise<OneShotResult>,
): Promise<FirstAnswers> {
  const problems: string[] = [];
  const unresponsive: string[] = [];
  for (const python of candidates) {
    const results = await Promise.all(folders.map(async (folder) => ask(python, folder)));
    const reasons = results.flatMap((result) => (result.kind === "answer" ? [] : [result.reason]));
    problems.push(...new Set(reasons.map((reason) => `${python}: ${reason}`)));
    if (results.some(({ kind }) => kind === "answer" || kind === "failed")) {
      const answers = results.flatMap((result) => (result.kind === "answer" ? [result.answer] : []));
      return { python, unresponsive, answers, problems };
    }
    if (results.some(({ kind }) => kind === "unresponsive") && unresponsive.push(python) === MOST_UNRESPONSIVE) {
      break;
    }
  }
  return { python: unresponsive[0], unresponsive, answers: [], problems };
}
