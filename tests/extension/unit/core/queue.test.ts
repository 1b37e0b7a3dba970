import { describe, expect, test } from "vitest";

import { OneQueued } from "../../../../extension/core/queue.ts";

/** Work that ends when it is told to, and counts. */
function manualWork(): {
  readonly work: () => Promise<void>;
  readonly end: () => Promise<void>;
  readonly fail: () => Promise<void>;
  readonly counts: { begun: number; going: number; most: number };
} {
  const counts = { begun: 0, going: 0, most: 0 };
  const ends: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const settle = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    counts,
    work: async () => {
      counts.begun += 1;
      counts.going += 1;
      counts.most = Math.max(counts.most, counts.going);
      try {
        await new Promise<void>((resolve, reject) => {
          ends.push({ resolve, reject });
        });
      } finally {
        counts.going -= 1;
      }
    },
    end: async () => {
      ends.shift()?.resolve();
      return settle();
    },
    fail: async () => {
      ends.shift()?.reject(new Error("no"));
      return settle();
    },
  };
}

describe("one running, one queued", () => {
  test("requests during a run share the one run after it", async () => {
    const { counts, end, work } = manualWork();
    const queue = new OneQueued(work);
    const first = queue.request();
    const later = [queue.request(), queue.request(), queue.request()];
    expect(counts.begun).toBe(1);
    await end();
    await first;
    expect(counts.begun).toBe(2);
    await end();
    await Promise.all(later);
    expect(counts).toMatchObject({ begun: 2, most: 1 });
  });

  test("a failed run does not keep the queued one from running", async () => {
    const { counts, end, fail, work } = manualWork();
    const queue = new OneQueued(work);
    const first = expect(queue.request()).rejects.toThrow("no");
    const second = queue.request();
    await fail();
    await first;
    await end();
    await second;
    expect(counts.begun).toBe(2);
  });

  test("a request at the moment a run ends never makes two run at once", async () => {
    const { counts, end, work } = manualWork();
    const queue = new OneQueued(work);
    const all = [queue.request(), queue.request()];
    all.push(
      (async () => {
        await all[0];
        return queue.request();
      })(),
    );
    await end();
    await end();
    await end();
    await Promise.all(all);
    expect(counts.most).toBe(1);
  });

  test("after all is done a request runs at once", async () => {
    const { counts, end, work } = manualWork();
    const queue = new OneQueued(work);
    void queue.request();
    await end();
    void queue.request();
    expect(counts.begun).toBe(2);
  });
});
