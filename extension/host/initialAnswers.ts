/** The first answers after activation. */
import type * as vscode from "vscode";

import { answerLine } from "../core/explanation.ts";
import { nameAndVersion } from "../core/statusView.ts";
import type { Answer } from "../protocol.ts";
import type { Interpreters } from "./interpreters.ts";

/**
 * Show the first answers, and log the time from activation to each.
 *
 * @param asked the pending answers
 * @param activatedAt when activation began, in milliseconds of `performance.now()`
 */
export async function showFirst(
  pending: Promise<readonly Answer[]>,
  interpreters: Interpreters,
  log: vscode.LogOutputChannel,
  activatedAt: number,
): Promise<void> {
  const { generation } = interpreters;
  const answers = await pending;
  const took = Math.round(performance.now() - activatedAt);
  for (const answer of answers) {
    const { environment, must_ask: mustAsk } = answer;
    const what = environment === null ? "nothing" : nameAndVersion(environment);
    log.info(`${answerLine(answer)} selected ${what} in ${took} ms`);
    // Where there is nothing, only the server knows what to show and to offer.
    if (environment !== null || mustAsk) {
      interpreters.store([answer], "one-shot", generation);
    }
  }
}
