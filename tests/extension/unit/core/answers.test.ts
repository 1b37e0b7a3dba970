import { describe, expect, test } from "vitest";

import { Answers } from "../../../../extension/core/answers.ts";
import { answer, nothing } from "./samples.ts";

const uri = "file:///src/project";
const provisional = answer({ provisional: true, summary: "read from files" });
const verified = answer({ summary: "said by the workflow" });
const gone = nothing({ provisional: true });

describe("which answer holds", () => {
  test("the first answer holds, and is news", () => {
    const answers = new Answers();
    expect(answers.put(provisional, "one-shot", 0)).toBe(true);
    expect(answers.get(uri)).toEqual(provisional);
  });

  test("the same answer again is no news", () => {
    const answers = new Answers();
    answers.put(verified, "reply", 0);
    expect(answers.put({ ...verified }, "reply", 0)).toBe(false);
  });

  test("what the helper says replaces the one-shot, also when it is provisional", () => {
    const answers = new Answers();
    answers.put(provisional, "one-shot", 0);
    expect(answers.put(gone, "reply", 0)).toBe(true);
    expect(answers.get(uri)).toEqual(gone);
  });

  test("what the helper says replaces a one-shot that was certain, also when it is provisional", () => {
    const answers = new Answers();
    answers.put(verified, "one-shot", 0);
    expect(answers.put(provisional, "reply", 0)).toBe(true);
  });

  test("an answer is certain in its generation, wherever it came from, unless it is provisional", () => {
    const answers = new Answers();
    expect(answers.certain(uri)).toBeUndefined();
    answers.put(provisional, "one-shot", 0);
    expect(answers.certain(uri)).toBeUndefined();
    answers.put(verified, "one-shot", 0);
    expect(answers.certain(uri)).toEqual(verified);
    answers.begin();
    expect(answers.certain(uri)).toBeUndefined();
  });

  test("a one-shot that comes late does not replace what the helper said", () => {
    const answers = new Answers();
    answers.put(gone, "reply", 0);
    expect(answers.put(provisional, "one-shot", 0)).toBe(false);
    expect(answers.get(uri)).toEqual(gone);
  });

  test("a provisional reply does not replace a verified answer of its generation", () => {
    const answers = new Answers();
    answers.put(verified, "reply", 0);
    expect(answers.put(provisional, "reply", 0)).toBe(false);
    expect(answers.get(uri)).toEqual(verified);
  });

  test("a change replaces whatever held, also when it is provisional", () => {
    const answers = new Answers();
    answers.put(verified, "reply", 0);
    expect(answers.put(gone, "change", 0)).toBe(true);
    expect(answers.get(uri)).toEqual(gone);
  });

  test("in a new generation any origin replaces what held before", () => {
    for (const origin of ["one-shot", "reply", "change"] as const) {
      const answers = new Answers();
      answers.put(verified, "reply", 0);
      expect(answers.put(provisional, origin, answers.begin())).toBe(true);
    }
  });

  test("an answer that was asked for before the generation is dropped", () => {
    const answers = new Answers();
    answers.begin();
    for (const origin of ["one-shot", "reply", "change"] as const) {
      expect(answers.put(verified, origin, 0)).toBe(false);
    }
    expect(answers.get(uri)).toBeUndefined();
  });

  test("an answer is current only when the helper gave it in this generation", () => {
    const answers = new Answers();
    answers.put(provisional, "one-shot", 0);
    expect(answers.isCurrent(uri)).toBe(false);
    answers.put(verified, "reply", 0);
    expect(answers.isCurrent(uri)).toBe(true);
    answers.begin();
    expect(answers.isCurrent(uri)).toBe(false);
    expect(answers.get(uri)).toEqual(verified);
  });

  test("each uri has its own answer", () => {
    const answers = new Answers();
    const nested = answer({ uri: `${uri}/nested`, root: "/src/project/nested" });
    answers.put(verified, "reply", 0);
    answers.put(nested, "reply", 0);
    expect(answers.uris()).toEqual([uri, `${uri}/nested`]);
    answers.delete(uri);
    expect(answers.get(uri)).toBeUndefined();
    expect(answers.get(nested.uri)).toEqual(nested);
  });
});
