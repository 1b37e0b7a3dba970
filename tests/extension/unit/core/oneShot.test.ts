import { describe, expect, test } from "vitest";

import { type Finished, oneShotArguments, readOneShot } from "../../../../extension/core/oneShot.ts";
import { environment } from "./samples.ts";

const folder = { uri: "file:///src/project", path: "/src/project" };

function ended(code: number | null, output: unknown, stderr = ""): Finished {
  const stdout = typeof output === "string" ? output : JSON.stringify(output);
  return { kind: "ended", code, stdout, stderr };
}

describe("the question to a helper of its own", () => {
  test("it reads files only, never asks back, and says that an editor asks", () => {
    const folder = { uri: "file:///src/project", path: "/src/project" };
    const interpreters = { user: null, folders: { [folder.uri]: "envs/dev" } };
    const args = oneShotArguments(folder, { trusted: false, preference: null, interpreters, env_files: {} });
    expect(args).toEqual([
      ...["env", "default", "--static", "--json", "--no-input", "--editor"],
      ...["--folder", "/src/project"],
    ]);
  });

  test("it carries trust, the preference and the interpreter of the workspace's settings", () => {
    const preference = { workflow: { cmd: ["a b"] }, policy: "default" } as const;
    const folder = { uri: "file:///p", path: "/p" };
    const interpreters = { user: null, folders: { [folder.uri]: "envs/dev" } };
    const args = oneShotArguments(folder, { trusted: true, preference, interpreters, env_files: {} });
    expect(args).toContain("--trusted");
    expect(args[args.indexOf("--default-interpreter") + 1]).toBe("envs/dev");
    expect(args[args.indexOf("--preference") + 1]).toBe(JSON.stringify(preference));
  });

  test.each([true, false])("what is found is an answer about the folder that was asked about, provisional: %j", (provisional) => {
    const output = { root: "/src", environment: environment(), own: true, provisional };
    expect(readOneShot(ended(0, output), folder)).toMatchObject({
      kind: "answer",
      answer: {
        uri: folder.uri,
        root: "/src",
        environment: environment(),
        provisional,
        own: true,
      },
    });
  });

  test.each([true, false])("whether it is the project's own is the helper's word: %j", (own) => {
    const activated = environment({ prefix: "/src/project/env", source: "activated" });
    const output = { root: "/src/project", environment: activated, own, provisional: false };
    expect(readOneShot(ended(0, output), folder)).toMatchObject({ answer: { own } });
  });

  test("nothing found is an answer too, and offers nothing yet", () => {
    const output = { root: "/src/project", environment: null, own: false, provisional: false, summary: "None." };
    expect(readOneShot(ended(3, output), folder)).toMatchObject({
      kind: "answer",
      answer: { environment: null, own: false, summary: "None.", offer_create: false },
    });
  });

  test("a list whose last line cannot be used is an answer that asks the user", () => {
    const error = { code: "last_line_unusable", message: "Line 2 is broken.", hint: "Mend it." };
    expect(readOneShot(ended(1, { error }), folder)).toMatchObject({
      kind: "answer",
      answer: { must_ask: true, environment: null, problem: "Line 2 is broken." },
    });
  });

  test("another failure is told with its hint", () => {
    const error = { code: "internal", message: "It broke.", hint: "Report it." };
    expect(readOneShot(ended(1, { error }), folder)).toEqual({
      kind: "failed",
      reason: "It broke. Report it.",
    });
  });

  test.each<[string, Finished, string]>([
    ["a Python that is too old", ended(69, "", "Python 3.10 or newer is needed."), "Python 3.10 or newer"],
    ["a Python that does not know its options", ended(2, "", "Unknown option: -I"), "Unknown option"],
    ["a stub that opens a store", ended(9009, ""), "it ended with 9009"],
    ["a Python that crashes", ended(null, ""), "it ended with a signal"],
    ["a Python without its library", ended(1, "", "Fatal Python error"), "Fatal Python error"],
    ["a program that does not start", { kind: "not-started", reason: "ENOENT" }, "ENOENT"],
  ])("%s does not run the helper: the next one is tried", (_, finished, reason) => {
    const result = readOneShot(finished, folder);
    expect(result.kind).toBe("unsuitable");
    expect(result).toMatchObject({ reason: expect.stringContaining(reason) as string });
  });

  test.each<[string, Finished]>([
    ["a helper that prints what is not JSON", ended(0, "hello")],
    ["a helper that prints another shape", ended(0, { root: 1 })],
  ])("%s failed: another Python would not help", (_, finished) => {
    expect(readOneShot(finished, folder).kind).toBe("failed");
  });

  test("a helper that does not end says so: another Python may", () => {
    const reason = "it did not answer within 5 s";
    expect(readOneShot({ kind: "stopped", reason }, folder)).toEqual({ kind: "unresponsive", reason });
  });
});
