import { describe, expect, test } from "vitest";

import { count, sentence, WireError } from "../../../../extension/core/decode.ts";
import { answerFromWire, changedAnswersFromWire, errorDataFromWire } from "../../../../extension/protocol.ts";
import { answer, environment } from "./samples.ts";

const read = (value: unknown): unknown => answerFromWire(value, "answer");

test.each([
  ["/p/.venv is broken: it is empty (recreate it with: python3 -m venv --clear '/p (1)/.venv')", "/p/.venv is broken: it is empty"],
  ["there is no uv.lock ('wsp env sync' creates it)", "there is no uv.lock"],
  ["it is not trusted (look at it, then 'wsp workflow trust' allows it again).", "it is not trusted."],
  ["hatch (1.14) has no lock", "hatch (1.14) has no lock"],
])("of the message %j the editor shows %j", (message, shown) => {
  expect(sentence(message, "message")).toBe(shown);
});

describe("what the helper sends", () => {
  test("an answer as the protocol says is read unchanged", () => {
    expect(read(answer())).toEqual(answer());
  });

  test("a member that a newer helper adds is left out", () => {
    expect(read({ ...answer(), later: 1 })).toEqual(answer());
  });

  test("a member that may be null may also be absent", () => {
    expect(read({ ...answer(), problem: undefined })).toEqual(answer({ problem: null }));
  });

  test.each([
    ["nothing at all", undefined, "sent nothing as answer, where an object"],
    ["a list", [], "sent [] as answer, where an object"],
    ["no root", { ...answer(), root: undefined }, "answer.root, where a string"],
    ["a number for a flag", { ...answer(), own: 1 }, "sent 1 as answer.own, where true or false"],
    [
      "an unknown source",
      answer({ environment: { ...environment(), source: "luck" as "tool" } }),
      'sent "luck" as answer.environment.source, where one of',
    ],
    [
      "a status without a message",
      { ...answer(), environment: { ...environment(), status: { state: "ok" } } },
      "answer.environment.status.message, where a string",
    ],
  ])("%s is refused with the place and what belongs there", (_, value, message) => {
    expect(() => read(value)).toThrow(WireError);
    expect(() => read(value)).toThrow(message);
  });

  test.each([-1, 0.5, "1", null])("%j is no count", (value) => {
    expect(() => count(value, "line")).toThrow("as line, where a whole number was expected");
    expect(count(0, "line")).toBe(0);
  });

  test("the place of an item in a list has its index", () => {
    const value = { answers: [answer(), { ...answer(), summary: null }] };
    expect(() => changedAnswersFromWire(value, "news")).toThrow("news.answers[1].summary");
  });

  test("a long value is cut in the message", () => {
    expect(() => read("x".repeat(1000))).toThrow(/^.{1,200}$/);
  });

  test.each([
    [{ code: "locked", hint: "Wait." }, { code: "locked", hint: "Wait." }],
    [{ code: "locked" }, { code: "locked", hint: null }],
    [{ violations: [] }, null],
    [undefined, null],
    ["text", null],
  ])("error data %j reads as %j", (value, expected) => {
    expect(errorDataFromWire(value)).toEqual(expected);
  });
});
