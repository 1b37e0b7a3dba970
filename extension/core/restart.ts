/** When a helper that exited is started again. */

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 60_000;
/** A helper that ran this long was healthy: its exit counts as the first. */
const HEALTHY_MS = 60_000;
/** The number of exits in a row after which the trouble is reported to the user. */
const EXITS_TO_REPORT = 4;

/** What to do after an exit: how long to wait, and whether to report the trouble to the user. */
export interface RestartDecision {
  readonly delayMs: number;
  readonly shouldReport: boolean;
}

/** Doubles the delay with each exit in a row, up to a minute; times are in milliseconds of any clock. */
export class RestartPolicy {
  private exits = 0;

  /**
   * Decide what to do after a helper exited.
   *
   * @param startedAt when the helper was started
   * @param exitedAt when it exited
   */
  afterExit(startedAt: number, exitedAt: number): RestartDecision {
    this.exits = exitedAt - startedAt >= HEALTHY_MS ? 1 : this.exits + 1;
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (this.exits - 1), LONGEST_DELAY_MS);
    return { delayMs, shouldReport: this.exits === EXITS_TO_REPORT };
  }

  /** Forget all exits, as when the user restarts the helper. */
  reset(): void {
    this.exits = 0;
  }
}
