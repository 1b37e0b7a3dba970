import { describe, expect, test } from "vitest";

import type { CreateOptionsResult, CreationTool } from "../../../../extension/acts.ts";
import {
  createdMessage,
  createParams,
  freeName,
  toolRows,
  partRows,
  pythonRows,
  quickDetail,
  quickTool,
} from "../../../../extension/core/creationChoices.ts";
import { environment } from "./samples.ts";

const display = { platform: "linux", home: "/home/me" } as const;

function tool(changes: Partial<CreationTool> = {}): CreationTool {
  return {
    name: "uv",
    installed: true,
    advice: "Get it.",
    governs: false,
    any_name: false,
    names: [".venv"],
    groups: [],
    extras: [],
    installable: [],
    installs: [],
    ...changes,
  };
}

function options(...workflows: readonly CreationTool[]): CreateOptionsResult {
  return { root: "/home/me/a", governing: "uv", why: "/home/me/a/uv.lock is uv's", workflows, pythons: [] };
}

describe("the workflows to choose from", () => {
  test("say which is recommended and why, what each does, and those that are not installed come apart", () => {
    const { installed, missing } = toolRows(
      options(tool({ governs: true }), tool({ name: "venv" }), tool({ name: "pdm", installed: false })),
      display,
    );

    expect(installed.map(({ label, description, detail }) => [label, description, detail])).toEqual([
      ["uv", "recommended", "uv.lock is uv's."],
      ["venv", "", "Standard venv, no lock file"],
    ]);
    expect(missing.map(({ label }) => label)).toEqual(["pdm"]);
  });

  test("say what is installed into a new environment, before and after", () => {
    const files = tool({ installs: ["requirements.txt", "requirements-dev.txt"] });
    expect(quickDetail(files, ".venv")).toContain("install requirements.txt and requirements-dev.txt");
    expect(createdMessage(files, ".venv", ["docs"])).toBe(
      "Created .venv and installed requirements.txt, requirements-dev.txt and group docs.",
    );
    expect(createdMessage(tool(), ".venv", [])).toBeUndefined();
  });

  test("quick create takes the one that governs, installed or not, else the first that is installed", () => {
    const missing = tool({ name: "pdm", installed: false });
    expect(quickTool(options({ ...missing, governs: true }, tool()))?.name).toBe("pdm");
    expect(quickTool(options(missing, tool()))?.name).toBe("uv");
    expect(quickTool(options(missing))).toBeUndefined();
  });
});

test("a name that is taken is passed over for the next", () => {
  const any = tool({ any_name: true, names: [] });
  expect(freeName(any, () => false)).toBe(".venv");
  expect(freeName(any, (name) => name === ".venv")).toBe(".venv-2");
  expect(freeName(tool({ any_name: true, names: ["default"] }), () => false)).toBe("default");
});

test("the Pythons are what suits, those that are there, and those that the workflow installs", () => {
  const here = environment({ interpreter_path: "/home/me/py/bin/python", python_version: "3.12.1" });
  const broken = environment({ status: { state: "broken", message: "gone" } });
  const rows = pythonRows(tool({ installable: ["3.14"] }), [here, broken], display);

  expect(rows.map(({ label, value }) => [label, value])).toEqual([
    ["Recommended: newest Python that fits the project", undefined],
    ["Python 3.12.1", "/home/me/py/bin/python"],
    ["Python 3.14", "3.14"],
  ]);
});

test("groups and extras are told apart", () => {
  const rows = partRows(tool({ groups: ["dev"], extras: ["docs"] }));
  expect(rows.map(({ label, description }) => [label, description])).toEqual([
    ["dev", "group"],
    ["docs", "extra"],
  ]);
});

test("the helper is told what was chosen, and nothing of what was left to it", () => {
  const uv = tool({ governs: true });
  expect(createParams("file:///a", { tool: uv })).toEqual({ uri: "file:///a" });
  expect(
    createParams("file:///a", { tool: tool(), name: "n", python: "3.12", groups: ["dev"], extras: [] }),
  ).toEqual({ uri: "file:///a", workflow: "uv", name: "n", python: "3.12", groups: ["dev"] });
});
