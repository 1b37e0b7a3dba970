/** Work of which one run at a time is enough. */

/**
 * Runs `work` with at most one run going and at most one queued.
 *
 * A request during a run queues one more, however many ask: what starts after
 * the last request has seen everything that led to it.
 */
export class OneQueued {
  private readonly work: () => Promise<void>;
  private running: Promise<void> | undefined;
  private queued: Promise<void> | undefined;

  /** @param work what to run; a rejection goes to those who asked for that run */
  constructor(work: () => Promise<void>) {
    this.work = work;
  }

  /** Settles with the run that starts at or after this call. */
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
