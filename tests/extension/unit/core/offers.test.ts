import { describe, expect, test } from "vitest";

import { offerFor, offerKey } from "../../../../extension/core/offers.ts";
import { answer, nothing } from "./samples.ts";

describe("what is said unasked", () => {
  const unsaid = { python: true, said: () => false };

  test("a folder of Python without an environment gets an offer", () => {
    expect(offerFor(nothing({ offer_create: true }), unsaid)).toEqual({
      kind: "create",
      root: "/src/project",
    });
  });

  test("a folder of something else gets none", () => {
    const offer = offerFor(nothing({ offer_create: true }), { ...unsaid, python: false });
    expect(offer.kind).toBe("nothing");
  });

  test("an environment, and none by choice, need no words", () => {
    expect(offerFor(answer(), unsaid).kind).toBe("nothing");
    expect(offerFor(nothing(), unsaid).kind).toBe("nothing");
  });

  test("a list that needs a decision is a question with the problem in it", () => {
    expect(offerFor(nothing({ must_ask: true, problem: "Line 2." }), unsaid)).toEqual({
      kind: "ask",
      root: "/src/project",
      message: "Line 2.",
    });
  });

  test("nothing is said twice, but another problem of the same root is", () => {
    const said = new Set<string>();
    const state = { python: true, said: (key: string) => said.has(key) };
    const ask = (problem: string): string => {
      const offer = offerFor(nothing({ must_ask: true, problem }), state);
      if (offer.kind !== "nothing") {
        said.add(offerKey(offer));
      }
      return offer.kind;
    };
    expect([ask("one"), ask("one"), ask("two")]).toEqual(["ask", "nothing", "ask"]);
  });
});
