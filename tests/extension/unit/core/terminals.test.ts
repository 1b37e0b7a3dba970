import { describe, expect, test } from "vitest";

import type { VariableChanges } from "../../../../extension/acts.ts";
import {
  describeTerminals,
  type Inherited,
  mutations,
} from "../../../../extension/core/terminals.ts";
import { answer, environment } from "./samples.ts";

const bin = "/src/project/.venv/bin";
const linux: Inherited = { platform: "linux", env: { PATH: "/usr/local/bin:/usr/bin" } };

function changes(changed: Partial<VariableChanges> = {}): VariableChanges {
  return { unset: [], set: {}, prepend_path: [], ...changed };
}

describe("the variables of a terminal", () => {
  test("variables are set, and folders go before PATH, also after the shell has read its files", () => {
    const variables = changes({ set: { VIRTUAL_ENV: "/src/project/.venv" }, prepend_path: [bin, "/more"] });
    expect(mutations(variables, "venv", linux)).toEqual([
      { variable: "VIRTUAL_ENV", kind: "replace", value: "/src/project/.venv", applyAtShellIntegration: true },
      { variable: "PATH", kind: "prepend", value: `${bin}:/more:`, applyAtShellIntegration: true },
    ]);
  });

  test("a variable that is to be gone is emptied where a terminal would have it, and left alone elsewhere", () => {
    const env = { PATH: "/usr/bin", PYTHONHOME: "/opt/python", CONDA_PREFIX: "" };
    const variables = changes({ unset: ["PYTHONHOME", "CONDA_PREFIX", "VIRTUAL_ENV"] });
    expect(mutations(variables, "venv", { platform: "linux", env })).toEqual([
      { variable: "PYTHONHOME", kind: "replace", value: "", applyAtShellIntegration: true },
    ]);
  });

  test("a Python of the machine does not move a folder that PATH has already", () => {
    const variables = changes({ prepend_path: ["/usr/bin"] });
    expect(mutations(variables, "system", linux)).toEqual([]);
    expect(mutations(changes({ prepend_path: ["/opt/python/bin"] }), "system", linux)).toHaveLength(1);
    expect(mutations(variables, "venv", linux)).toHaveLength(1);
  });

  test("a file of variables that sets PATH has the environment's folders before it", () => {
    const variables = changes({ set: { PATH: "/tools" }, prepend_path: [bin] });
    expect(mutations(variables, "venv", linux)).toEqual([
      { variable: "PATH", kind: "replace", value: `${bin}:/tools`, applyAtShellIntegration: true },
    ]);
  });

  test("on Windows folders are put before PATH once, as its shells would misread a backslash the second time", () => {
    const variables = changes({ prepend_path: [String.raw`C:\src\.venv\Scripts`] });
    expect(mutations(variables, "venv", { platform: "win32", env: { Path: String.raw`C:\Windows` } })).toEqual([
      { variable: "PATH", kind: "prepend", value: String.raw`C:\src\.venv\Scripts;`, applyAtShellIntegration: false },
    ]);
  });

  test("a value that the editor would read as a variable of its own is left out", () => {
    // The editor's notation, not a template of ours.
    const variables = changes({ set: { VIRTUAL_ENV: ["/src/$", "{env:HOME}/.venv"].join("") } });
    expect(mutations(variables, "venv", linux)).toEqual([]);
  });
});

describe("what is said of it", () => {
  test("which environment, its Python, and why, in one paragraph", () => {
    const description = describeTerminals(answer({ summary: ".venv is the *.venv* of\n\n/home/me/src" }), {
      platform: "linux",
      home: "/home/me",
    });
    expect(description).toBe(
      "new terminals open in `.venv`, Python 3.12.4. .venv is the \\*.venv\\* of \\~/src.",
    );
  });

  test("a version that cannot be read is not mentioned", () => {
    const found = answer({ environment: environment({ python_version: null }) });
    expect(describeTerminals(found, { platform: "linux", home: "" })).toMatch(/^new terminals open in `\.venv`\. It is/);
  });
});
