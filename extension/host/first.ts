/** The first answers after activation. */
import type * as vscode from "vscode";

import { nameAndVersion } from "../core/statusView.ts";
import type { Answer } from "../protocol.ts";
import type { Interpreters } from "./interpreters.ts";

/**
 * Shows the first answers, and logs how long after activation each selection came.
 *
 * @param asked the answers, on their way
 * @param activatedAt when activation began, in milliseconds of `performance.now()`
 */
export async function showFirst(
  asked: Promise<readonly Answer[]>,
  interpreters: Interpreters,
  log: vscode.LogOutputChannel,
  activatedAt: number,
): Promise<void> {
  const { generation } = interpreters;
  const answers = await asked;
  const took = Math.round(performance.now() - activatedAt);
  interpreters.take(answers, "one-shot", generation);
  for (const { environment, root } of answers) {
    const what = environment === null ? "nothing" : nameAndVersion(environment);
    log.info(`selected ${what} for ${root} in ${took} ms`);
  }
}
