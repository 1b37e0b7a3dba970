/** What the window has, for the commands of the palette that need it. */
import type { Answer } from "../protocol.ts";

/** The conditions that commands are listed on. */
export interface Contexts {
  /** Some project has an environment, be it a broken one, or may have one that nobody chose yet. */
  readonly hasEnvironments: boolean;
  /** In some project an interpreter, or none, was selected. */
  readonly hasSelection: boolean;
}

/** @param answers those that hold; without any, nothing is known, and nothing is ruled out */
export function contextsOf(answers: readonly Answer[]): Contexts {
  const unknown = answers.length === 0;
  return {
    hasEnvironments: unknown || answers.some((answer) => answer.environment !== null || answer.must_ask || hasPassedOver(answer)),
    hasSelection: unknown || answers.some((answer) => isSelected(answer) || hasPassedOver(answer)),
  };
}

/** Return whether what was passed over may be a selection that is gone, or a broken environment. */
function hasPassedOver({ problem }: Answer): boolean {
  return problem !== null;
}

function isSelected({ environment, must_ask: mustAsk, offer_create: offersCreate, problem }: Answer): boolean {
  return environment === null ? !offersCreate && !mustAsk && problem === null : environment.source === "selected";
}
