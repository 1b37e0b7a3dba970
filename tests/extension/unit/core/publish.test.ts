import { describe, expect, test } from "vitest";

import { published } from "../../../../extension/core/publish.ts";
import { answer, environment, nothing } from "./samples.ts";

describe("what other extensions are told", () => {
  test("in an untrusted workspace: that, and nothing else", () => {
    expect(published(answer(), false)).toEqual({ trusted: false });
  });

  test("a verified environment with its interpreter", () => {
    expect(published(answer(), true)).toEqual({
      trusted: true,
      root: "/src/project",
      summary: "It is the project's .venv.",
      environment: {
        path: "/src/project/.venv/bin/python",
        prefix: "/src/project/.venv",
        name: ".venv",
        version: "3.12.4",
        source: ".venv",
        own: true,
      },
    });
  });

  test.each([
    ["a provisional answer", answer({ provisional: true })],
    ["no environment", nothing()],
    ["an environment without an interpreter", answer({ environment: environment({ interpreter_path: null }) })],
    ["a broken one", answer({ environment: environment({ status: { state: "broken", message: "" } }) })],
  ])("%s gives no path", (_, found) => {
    expect(published(found, true)).toMatchObject({ trusted: true, environment: undefined });
  });
});
