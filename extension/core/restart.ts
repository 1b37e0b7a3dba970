/** When a helper that died is started again. */

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 60_000;
/** A helper that lived this long was well: the next death counts as the first. */
const HEALTHY_MS = 60_000;
/** From this death in a row on, the user is told. */
const WORTH_TELLING = 4;

/** What to do about a death: how long to wait, and whether to tell the user. */
export interface RestartDecision {
  readonly delayMs: number;
  readonly tell: boolean;
}

/** Doubles the delay with each death in a row, up to a minute; times are in milliseconds of any clock. */
export class RestartPolicy {
  private deaths = 0;

  /**
   * @param startedAt when the helper that died was started
   * @param diedAt when it died
   */
  died(startedAt: number, diedAt: number): RestartDecision {
    this.deaths = diedAt - startedAt >= HEALTHY_MS ? 1 : this.deaths + 1;
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (this.deaths - 1), LONGEST_DELAY_MS);
    return { delayMs, tell: this.deaths === WORTH_TELLING };
  }

  /** Forgets all deaths, as when the user asks for a restart. */
  reset(): void {
    this.deaths = 0;
  }
}
