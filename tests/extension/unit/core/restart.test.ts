import { describe, expect, test } from "vitest";

import { RestartPolicy } from "../../../../extension/core/restart.ts";

describe("restarting", () => {
  test("the delay doubles with each quick exit, up to a minute", () => {
    const policy = new RestartPolicy();
    const delays = Array.from({ length: 10 }, () => policy.afterExit(0, 10).delayMs);
    expect(delays).toEqual([500, 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000]);
  });

  test("a helper that was healthy for a minute is restarted at once", () => {
    const policy = new RestartPolicy();
    policy.afterExit(0, 10);
    policy.afterExit(0, 10);
    expect(policy.afterExit(0, 60_000).delayMs).toBe(500);
    expect(policy.afterExit(0, 10).delayMs).toBe(1000);
  });

  test("the trouble is reported once, at the fourth exit in a row", () => {
    const policy = new RestartPolicy();
    const reports = Array.from({ length: 8 }, () => policy.afterExit(0, 10).shouldReport);
    expect(reports.flatMap((report, index) => (report ? [index + 1] : []))).toEqual([4]);
  });

  test("a restart by the user forgets the exits", () => {
    const policy = new RestartPolicy();
    policy.afterExit(0, 10);
    policy.reset();
    expect(policy.afterExit(0, 10).delayMs).toBe(500);
  });
});
