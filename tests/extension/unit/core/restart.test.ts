import { describe, expect, test } from "vitest";

import { RestartPolicy } from "../../../../extension/core/restart.ts";

describe("restarting", () => {
  test("the delay doubles with each quick death, up to a minute", () => {
    const policy = new RestartPolicy();
    const delays = Array.from({ length: 10 }, () => policy.died(0, 10).delayMs);
    expect(delays).toEqual([500, 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000]);
  });

  test("a helper that was well for a minute starts anew at once", () => {
    const policy = new RestartPolicy();
    policy.died(0, 10);
    policy.died(0, 10);
    expect(policy.died(0, 60_000).delayMs).toBe(500);
    expect(policy.died(0, 10).delayMs).toBe(1000);
  });

  test("the user is told once, at the fourth death in a row", () => {
    const policy = new RestartPolicy();
    const told = Array.from({ length: 8 }, () => policy.died(0, 10).tell);
    expect(told.flatMap((tell, index) => (tell ? [index + 1] : []))).toEqual([4]);
  });

  test("a restart that is asked for forgets the deaths", () => {
    const policy = new RestartPolicy();
    policy.died(0, 10);
    policy.reset();
    expect(policy.died(0, 10).delayMs).toBe(500);
  });
});
