import { describe, expect, test } from "vitest";

import { firstAnswers } from "../../../../extension/core/firstAnswers.ts";
import type { OneShotResult } from "../../../../extension/core/oneShot.ts";
import { answer } from "./samples.ts";

const folders = [
  { uri: "file:///a", path: "/a" },
  { uri: "file:///b", path: "/b" },
];
const unsuitable: OneShotResult = { kind: "unsuitable", reason: "too old" };
const unresponsive: OneShotResult = { kind: "unresponsive", reason: "no end" };
const failed: OneShotResult = { kind: "failed", reason: "it broke" };

describe("the first answers", () => {
  test("the first Python that runs the helper answers for every folder", async () => {
    const queries: string[] = [];
    const found = await firstAnswers(["/old", "/good", "/other"], folders, async (python, { uri }) => {
      queries.push(`${python} ${uri}`);
      const good: OneShotResult = { kind: "answer", answer: answer({ uri }) };
      return Promise.resolve(python === "/old" ? unsuitable : good);
    });
    expect(found.python).toBe("/good");
    expect(found.answers.map(({ uri }) => uri)).toEqual(["file:///a", "file:///b"]);
    expect(found.problems).toEqual(["/old: too old"]);
    expect(queries).not.toContain("/other file:///a");
  });

  test("all folders are asked about at once", async () => {
    let going = 0;
    let most = 0;
    await firstAnswers(["/good"], folders, async () => {
      going += 1;
      most = Math.max(most, going);
      await new Promise((resolve) => setImmediate(resolve));
      going -= 1;
      return failed;
    });
    expect(most).toBe(2);
  });

  test("a folder that fails does not take the answer of another away", async () => {
    const found = await firstAnswers(["/good"], folders, async (_, { uri }) =>
      Promise.resolve<OneShotResult>(uri.endsWith("a") ? failed : { kind: "answer", answer: answer({ uri }) }),
    );
    expect(found).toMatchObject({ python: "/good", problems: ["/good: it broke"] });
    expect(found.answers.map(({ uri }) => uri)).toEqual(["file:///b"]);
  });

  test("when no Python runs the helper there is no answer, and each says why", async () => {
    const found = await firstAnswers(["/old", "/older"], folders, async () => Promise.resolve(unsuitable));
    expect(found).toEqual({
      python: undefined,
      unresponsive: [],
      answers: [],
      problems: ["/old: too old", "/older: too old"],
    });
  });

  test("a Python that does not come to an end is passed over, and named", async () => {
    const found = await firstAnswers(["/hangs", "/good"], folders, async (python, { uri }) =>
      Promise.resolve<OneShotResult>(python === "/hangs" ? unresponsive : { kind: "answer", answer: answer({ uri }) }),
    );
    expect(found).toMatchObject({ python: "/good", unresponsive: ["/hangs"], problems: ["/hangs: no end"] });
  });

  test("when none comes to an end the likeliest is taken, and not all are waited for", async () => {
    const queries: string[] = [];
    const found = await firstAnswers(["/old", "/1", "/2", "/3", "/4"], [{ uri: "file:///a", path: "/a" }], async (python) => {
      queries.push(python);
      return Promise.resolve(python === "/old" ? unsuitable : unresponsive);
    });
    expect(found).toMatchObject({ python: "/1", unresponsive: ["/1", "/2", "/3"], answers: [] });
    expect(queries).toEqual(["/old", "/1", "/2", "/3"]);
  });
});
