import { describe, expect, test } from "vitest";

import { Cancelled, HelperError } from "../../../../extension/core/client.ts";
import {
  ApiError,
  published,
  publishedEnvironment,
  publishedError,
  publishedExplanation,
  publishedList,
} from "../../../../extension/core/publish.ts";
import { answer, environment, nothing, systemPython } from "./samples.ts";

const venv = {
  path: "/src/project/.venv/bin/python",
  prefix: "/src/project/.venv",
  name: ".venv",
  version: "3.12.4",
  source: ".venv",
};

describe("what other extensions are told", () => {
  test("in an untrusted workspace: that, and nothing else", () => {
    expect(published(answer(), false)).toEqual({ trusted: false });
  });

  test("a verified environment with its interpreter", () => {
    expect(published(answer(), true)).toEqual({
      trusted: true,
      root: "/src/project",
      summary: "It is the project's .venv.",
      environment: { ...venv, own: true },
    });
  });

  test.each([
    ["a provisional answer", answer({ provisional: true })],
    ["no environment", nothing()],
    ["an environment without an interpreter", answer({ environment: environment({ interpreter_path: null }) })],
    [
      "one of another machine",
      answer({
        environment: environment({ kind: "remote", prefix: "dev@host:/srv/.venv", interpreter_path: null }),
      }),
    ],
    ["a broken one", answer({ environment: environment({ status: { state: "broken", message: "" } }) })],
  ])("%s gives no path", (_, found) => {
    expect(published(found, true)).toMatchObject({ trusted: true, environment: undefined });
  });

  test("an environment that was made, unless it cannot be used", () => {
    expect(publishedEnvironment(environment())).toEqual(venv);
    expect(publishedEnvironment(environment({ interpreter_path: null }))).toBeUndefined();
  });

  test("all environments, the broken ones with the reason", () => {
    const broken = environment({
      name: "old",
      default: false,
      status: { state: "broken", message: "its base is gone" },
    });
    const empty = environment({ name: "empty", default: false, interpreter_path: null });
    const list = publishedList({ root: "/src", environments: [environment(), broken, empty], pythons: [systemPython()] });

    expect(list).toMatchObject({
      trusted: true,
      root: "/src",
      environments: [
        { ...venv, isDefault: true, problem: undefined },
        { name: "old", isDefault: false, problem: expect.stringMatching(/base is gone\.$/) as unknown },
        { name: "empty", path: undefined, problem: "It has no interpreter." },
      ],
      pythons: [{ path: "/usr/bin/python3.13", source: "system" }],
    });
  });

  test("the trail, with the workflow that governs", () => {
    const { root, workflow, environment: found } = answer();
    const step = { rule: "E4", outcome: "matched", detail: "/src/project/.venv" } as const;
    const explained = { root, workflow, environment: found, provisional: false, trail: [step] };

    expect(publishedExplanation(explained, answer())).toEqual({
      trusted: true,
      root,
      summary: "It is the project's .venv.",
      workflow: { name: "venv", rule: "W7" },
      steps: [step],
    });
    expect(publishedExplanation({ ...explained, workflow: null }, answer())).toMatchObject({ workflow: undefined });
  });
});

describe("a failure", () => {
  test.each([
    ["cancelling", new Cancelled(), "cancelled", "It was cancelled.", undefined],
    ["what the helper says", new HelperError("it is there", "already_exists", "Recreate it."), "already_exists", "It is there.", "Recreate it."],
    ["anything else", new Error("The helper went away."), "unavailable", "The helper went away.", undefined],
    ["its own", new ApiError("usage", "No path."), "usage", "No path.", undefined],
  ])("%s comes with a code and a sentence", (_, error, code, message, hint) => {
    expect(publishedError(error)).toMatchObject({ name: "PythonWorkflowError", code, message, hint });
  });
});
