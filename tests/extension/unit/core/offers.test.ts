import { describe, expect, test } from "vitest";

import { createMessage, type Offer, offerKey, offersFor } from "../../../../extension/core/offers.ts";
import type { Answer } from "../../../../extension/protocol.ts";
import { answer, nothing } from "./samples.ts";

describe("what is said unasked", () => {
  const unsaid = { python: true, said: () => false };
  const trouble = { workflow: "serve.py", message: "the workflow server serve.py ended", output: "" };

  test("a folder of Python without an environment gets an offer", () => {
    expect(offersFor(nothing({ offer_create: true }), unsaid)).toEqual([
      { kind: "create", root: "/src/project" },
    ]);
  });

  test("one whose workflow has not answered yet gets none", () => {
    expect(offersFor(nothing({ offer_create: true, provisional: true }), unsaid)).toEqual([]);
  });

  test("a folder of something else gets none", () => {
    expect(offersFor(nothing({ offer_create: true }), { ...unsaid, python: false })).toEqual([]);
  });

  test("an environment, and none by choice, need no words", () => {
    expect(offersFor(answer(), unsaid)).toEqual([]);
    expect(offersFor(nothing(), unsaid)).toEqual([]);
  });

  test("a list that needs a decision is a question with the problem in it", () => {
    expect(offersFor(nothing({ must_ask: true, problem: "Line 2." }), unsaid)).toEqual([
      { kind: "ask", root: "/src/project", message: "Line 2." },
    ]);
  });

  test("a workflow that failed is told of beside whatever else there is to say", () => {
    const kinds = offersFor(nothing({ offer_create: true, trouble }), unsaid).map(({ kind }) => kind);
    expect(kinds).toEqual(["trouble", "create"]);
  });

  test.each([
    ["", "The workflow server serve.py ended."],
    ["Traceback:\n\n  File x\nKeyError: 'a'\n", "The workflow server serve.py ended. It wrote: Traceback: File x KeyError: 'a'"],
    ["1\n2\n3\n4", "The workflow server serve.py ended. It wrote: 2 3 4"],
  ])("with %j written, the failure of a workflow is said as %j", (output, message) => {
    const offers = offersFor(answer({ trouble: { ...trouble, output } }), unsaid);
    expect(offers).toEqual([{ kind: "trouble", root: "/src/project", message }]);
  });

  test("nothing is said twice, but another problem of the same root is", () => {
    const said = new Set<string>();
    const state = { python: true, said: (key: string) => said.has(key) };
    const tell = (changes: Partial<Answer>): readonly Offer["kind"][] => {
      const offers = offersFor(nothing(changes), state);
      offers.forEach((offer) => said.add(offerKey(offer)));
      return offers.map(({ kind }) => kind);
    };
    const ask = (problem: string): readonly Offer["kind"][] => tell({ must_ask: true, problem });
    expect([ask("one"), ask("one"), ask("two")]).toEqual([["ask"], [], ["ask"]]);
    expect([tell({ trouble }), tell({ trouble })]).toEqual([["trouble"], []]);
  });
});

test.each([
  [["a"], "No Python environment in a."],
  [["a", "b"], "No Python environment in a, b."],
  [["a", "b", "c", "d", "e"], "No Python environment in a, b, c and 2 more folders."],
])("one notification is about all of %j", (names, message) => {
  expect(createMessage(names)).toBe(message);
});
