import { describe, expect, test } from "vitest";

import { createMessage, type Notice, noticeKey, noticesFor } from "../../../../extension/core/notices.ts";
import type { Answer } from "../../../../extension/protocol.ts";
import { answer, nothing } from "./samples.ts";

describe("notifications that nobody requested", () => {
  const fresh = { hasPythonFiles: true, isDone: () => false };
  const trouble = { workflow: "serve.py", message: "the workflow server serve.py ended", output: "" };

  test("a folder of Python without an environment gets an offer", () => {
    expect(noticesFor(nothing({ offer_create: true }), fresh)).toEqual([
      { kind: "create", root: "/src/project" },
    ]);
  });

  test("one whose workflow has not answered yet gets none", () => {
    expect(noticesFor(nothing({ offer_create: true, provisional: true }), fresh)).toEqual([]);
  });

  test("a folder of something else gets none", () => {
    expect(noticesFor(nothing({ offer_create: true }), { ...fresh, hasPythonFiles: false })).toEqual([]);
  });

  test("an environment, and none by choice, need no notification", () => {
    expect(noticesFor(answer(), fresh)).toEqual([]);
    expect(noticesFor(nothing(), fresh)).toEqual([]);
  });

  test("a list that needs a decision is a question with the problem in it", () => {
    expect(noticesFor(nothing({ must_ask: true, problem: "Line 2." }), fresh)).toEqual([
      { kind: "ask", root: "/src/project", message: "Line 2." },
    ]);
  });

  test("a workflow that failed is shown besides any other notice", () => {
    const kinds = noticesFor(nothing({ offer_create: true, trouble }), fresh).map(({ kind }) => kind);
    expect(kinds).toEqual(["trouble", "create"]);
  });

  test.each([
    ["", "The workflow server serve.py ended."],
    ["Traceback:\n\n  File x\nKeyError: 'a'\n", "The workflow server serve.py ended. Output: Traceback: File x KeyError: 'a'"],
    ["1\n2\n3\n4", "The workflow server serve.py ended. Output: 2 3 4"],
  ])("with %j written, the failure of a workflow is shown as %j", (output, message) => {
    const notices = noticesFor(answer({ trouble: { ...trouble, output } }), fresh);
    expect(notices).toEqual([{ kind: "trouble", root: "/src/project", message }]);
  });

  test("nothing is shown twice, but another problem of the same root is", () => {
    const shown = new Set<string>();
    const state = { hasPythonFiles: true, isDone: (key: string) => shown.has(key) };
    const show = (changes: Partial<Answer>): readonly Notice["kind"][] => {
      const notices = noticesFor(nothing(changes), state);
      notices.forEach((notice) => shown.add(noticeKey(notice)));
      return notices.map(({ kind }) => kind);
    };
    const ask = (problem: string): readonly Notice["kind"][] => show({ must_ask: true, problem });
    expect([ask("one"), ask("one"), ask("two")]).toEqual([["ask"], [], ["ask"]]);
    expect([show({ trouble }), show({ trouble })]).toEqual([["trouble"], []]);
  });
});

test.each([
  [["a"], "No Python environment in a."],
  [["a", "b"], "No Python environment in a, b."],
  [["a", "b", "c", "d"], "No Python environment in a, b, c and 1 more folder."],
  [["a", "b", "c", "d", "e"], "No Python environment in a, b, c and 2 more folders."],
])("one notification is about all of %j", (names, message) => {
  expect(createMessage(names)).toBe(message);
});
