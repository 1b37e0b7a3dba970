/** A queue for work that needs only one run at a time. */

/**
 * Runs `work` with at most one run going and at most one queued.
 *
 * Requests during a run share one more run after it, which therefore sees everything that led to them.
 */
export class OneQueued {
  private readonly work: () => Promise<void>;
  private running: Promise<void> | undefined;
  private queued: Promise<void> | undefined;

  /** @param work what to run; its rejection goes to those who requested that run */
  constructor(work: () => Promise<void>) {
    this.work = work;
  }

  /** Request a run; settles with the run that starts now or next. */
  async request(): Promise<void> {
    if (this.queued !== undefined) {
      return this.queued;
    }
    if (this.running === undefined) {
      return this.begin();
    }
    this.queued = this.running
      .catch(() => undefined)
      .then(async () => {
        this.queued = undefined;
        return this.begin();
      });
    return this.queued;
  }

  private async begin(): Promise<void> {
    const run = this.work().finally(() => {
      if (this.running === run) {
        this.running = undefined;
      }
    });
    this.running = run;
    return run;
  }
}
