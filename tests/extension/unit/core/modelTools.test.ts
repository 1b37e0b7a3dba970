import { describe, expect, test } from "vitest";

import {
  announcement,
  changesText,
  createdText,
  environmentsText,
  explanationText,
  interpreterText,
  MODEL_TOOLS,
  placeOf,
  readInput,
  Refusal,
} from "../../../../extension/core/modelTools.ts";
import { publishedList } from "../../../../extension/core/publish.ts";
import { NOT_TRUSTED } from "../../../../extension/core/restricted.ts";
import manifest from "../../../../package.json" with { type: "json" };
import { answer, environment, nothing, systemPython } from "./samples.ts";

describe("the manifest", () => {
  const tools = manifest.contributes.languageModelTools;

  test("names each tool, and takes only what the tools read", () => {
    expect(tools.map(({ name }) => name)).toEqual(MODEL_TOOLS.map((tool) => `pythonWorkflow_${tool}`));
    for (const { inputSchema } of tools) {
      expect(inputSchema.additionalProperties).toBe(false);
      expect(Object.keys(readInput({}))).toEqual(expect.arrayContaining(Object.keys(inputSchema.properties)));
    }
  });

  test("tells models which tools change nothing, and no other", () => {
    for (const { modelDescription, name } of tools) {
      const tool = MODEL_TOOLS.find((one) => name.endsWith(one)) ?? "getInterpreter";
      const asks = announcement(tool, readInput({}), "x", undefined).question !== undefined;
      expect(modelDescription.endsWith("Changes nothing."), name).toBe(!asks);
    }
  });
});

describe("what a model sends", () => {
  test("is read, and what it left out is empty", () => {
    expect(readInput({ path: " src ", packages: ["requests", "numpy>=2"] })).toEqual({
      path: "src",
      pythons: false,
      workflow: undefined,
      name: undefined,
      python: undefined,
      groups: [],
      extras: [],
      packages: ["requests", "numpy>=2"],
    });
    expect(readInput(undefined).path).toBeUndefined();
    expect(readInput({ path: null, groups: null }).groups).toEqual([]);
  });

  test.each([
    ["an option for pip among packages", { packages: ["--index-url=https://elsewhere.example"] }],
    ["a line break", { packages: ["requests\nmore"] }],
    ["text that the user would not see", { name: "venv\u200b" }],
    ["text that turns the line around", { packages: ["a\u202eb"] }],
    ["an empty package", { packages: [" "] }],
    ["a wrong type", { packages: "requests" }],
    ["a list of wrong types", { groups: [1] }],
    ["a path that is none", { path: 7 }],
  ])("%s is refused", (_, input) => {
    expect(() => readInput(input)).toThrow(Refusal);
  });
});

describe("the place that a model means", () => {
  const folders = ["/src/one", "/src/two"];

  test.each([
    ["nothing: the first folder", undefined, "/src/one"],
    ["an absolute path", "/src/two/app.py", "/src/two/app.py"],
    ["a relative path", "app/main.py", "/src/one/app/main.py"],
    ["a folder's name", "two", "/src/two"],
    ["a path below a folder's name", "two/app.py", "/src/two/app.py"],
  ])("%s", (_, path, place) => {
    expect(placeOf(path, folders, "linux")).toBe(place);
  });

  test("a folder's name is a path in it where only one is open", () => {
    expect(placeOf("one/app.py", ["/src/one"], "linux")).toBe("/src/one/one/app.py");
  });

  test("paths of Windows", () => {
    expect(placeOf(String.raw`app\main.py`, [String.raw`C:\src\one`], "win32")).toBe(String.raw`C:\src\one\app\main.py`);
    expect(() => placeOf(String.raw`D:\other`, [String.raw`C:\src\one`], "win32")).toThrow("outside");
  });

  test.each(["/etc/passwd", "../three", "/src/one/../three", "two/../../etc", "/src/one-more", "~/x/../../.."])(
    "%s is outside the workspace, and refused",
    (path) => {
      expect(() => placeOf(path, folders, "linux")).toThrow("outside the folders that are open");
    },
  );

  test("without a folder there is none", () => {
    expect(() => placeOf(undefined, [], "linux")).toThrow("No folder is open");
  });
});

describe("what the user is told", () => {
  test("while each tool runs, and before each that changes something", () => {
    const input = readInput({ packages: ["requests", "a`b"] });
    const tools = MODEL_TOOLS.filter((tool) => {
      const { doing, question } = announcement(tool, input, "~/src/project", ".venv");
      expect(doing).toContain("`~/src/project`");
      return question !== undefined;
    });

    expect(tools).toEqual(["createEnvironment", "syncEnvironment", "installPackages"]);
    expect(announcement("installPackages", input, "~/p", ".venv").question).toEqual({
      title: "Install packages?",
      message: "`requests`, ``a`b`` will be installed into `.venv` of `~/p`.",
    });
  });

  test("all that a creation would depend on", () => {
    const input = readInput({ workflow: "uv", name: "dev", python: "3.13", groups: ["test"], extras: ["gui"] });

    expect(announcement("createEnvironment", input, "~/p", undefined).question?.message).toBe(
      "It will be created in `~/p` and selected there.\n\nWorkflow: `uv`\n\nName: `dev`\n\nPython: `3.13`\n\nGroups: `test`\n\nExtras: `gui`",
    );
  });

  test("without Markdown where that is not shown", () => {
    expect(announcement("syncEnvironment", readInput({}), "~/p", undefined, (text) => text).doing).toBe(
      "Syncing the environment of ~/p",
    );
  });
});

describe("what a model is told", () => {
  test("the path to run, and why", () => {
    expect(interpreterText(answer({ problem: "old is broken" }))).toBe(
      "Run Python as /src/project/.venv/bin/python (.venv, Python 3.12.4). It is the project's .venv. Old is broken.",
    );
  });

  test.each([
    ["none", nothing()],
    ["one that is broken", answer({ environment: environment({ status: { state: "broken", message: "gone" } }) })],
    ["one that is not certain", answer({ provisional: true })],
  ])("%s gives no path", (_, found) => {
    expect(interpreterText(found)).toMatch(/^This folder has no usable environment/);
    expect(interpreterText(found)).not.toContain("/bin/python");
  });

  test("environments, with the default and the broken ones marked", () => {
    const broken = environment({ name: "old", default: false, status: { state: "broken", message: "Its base is gone." } });
    const list = { root: "/src", environments: [environment(), broken], pythons: [systemPython()] };

    expect(environmentsText(publishedList(list)).split("\n")).toEqual([
      "The environments of /src:",
      "- .venv, Python 3.12.4: /src/project/.venv/bin/python [the default]",
      expect.stringMatching(/^- old.*\[cannot be used: Its base is gone\.\]$/),
      "The Pythons of the machine:",
      "- python3.13, Python 3.13.1: /usr/bin/python3.13",
    ]);
    expect(environmentsText(publishedList({ root: "/src", environments: [], pythons: [] }))).toBe(
      "/src has no environment. One can be created.",
    );
  });

  test("the rules that were tried", () => {
    const steps = [{ rule: "E4", outcome: "matched", detail: ".venv is there" }] as const;
    const explained = { trusted: true, root: "/src", summary: "it is .venv", workflow: undefined, steps } as const;

    expect(explanationText(explained)).toBe(
      "/src: It is .venv.\nNo workflow governs it.\nThe rules that were tried, in order:\n- E4 matched: .venv is there",
    );
  });

  test("what was made, and what was changed", () => {
    const created = { path: "/e/bin/python", prefix: "/e", name: "e", version: undefined, source: "workflow" };
    const requests = { name: "requests", version: "2.0" };

    expect(createdText(created)).toBe("Created e at /e, and selected it. Run Python as /e/bin/python.");
    expect(changesText({ changed: false, installed: [], removed: [] })).toBe("No changes were necessary.");
    expect(changesText({ changed: true, installed: [requests], removed: [requests] })).toBe(
      "Installed requests 2.0. Removed requests 2.0.",
    );
    expect(changesText({ changed: true, installed: [], removed: [] })).toBe("It is now up to date.");
  });

  test("nothing but that, where the workspace is not trusted", () => {
    expect(environmentsText({ trusted: false })).toBe(NOT_TRUSTED);
    expect(explanationText({ trusted: false })).toBe(NOT_TRUSTED);
  });
});
