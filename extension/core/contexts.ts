/** The conditions under which the Command Palette lists commands. */
import type { Answer } from "../protocol.ts";

/** The conditions that commands are listed on. */
export interface Contexts {
  /** A project has an environment, even a broken one, or may have one that still has to be chosen. */
  readonly hasEnvironments: boolean;
  /** In a project the user selected an interpreter, or "none". */
  readonly hasSelection: boolean;
}

/**
 * Return the conditions that the answers fulfill.
 *
 * @param answers the current ones; without any, every condition counts as fulfilled
 */
export function contextsOf(answers: readonly Answer[]): Contexts {
  const unknown = answers.length === 0;
  return {
    hasEnvironments: unknown || answers.some((answer) => answer.environment !== null || answer.must_ask || hasPassedOver(answer)),
    hasSelection: unknown || answers.some((answer) => isSelected(answer) || hasPassedOver(answer)),
  };
}

/** Return whether a problem was passed over: it may be a selected environment that is gone, or a broken one. */
function hasPassedOver({ problem }: Answer): boolean {
  return problem !== null;
}

function isSelected({ environment, must_ask: mustAsk, offer_create: offersCreate, problem }: Answer): boolean {
  return environment === null ? !offersCreate && !mustAsk && problem === null : environment.source === "selected";
}
