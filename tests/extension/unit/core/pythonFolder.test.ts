import { describe, expect, test } from "vitest";

import { isPythonFileName, isPythonFolder } from "../../../../extension/core/pythonFolder.ts";
import { answer, nothing } from "./samples.ts";

describe("folders of Python", () => {
  const hatch = { name: "hatch", rule: "W6", declared_in: null, launch: null, trusted: true };

  test.each([
    ["an environment", answer(), []],
    ["a list to decide on", nothing({ must_ask: true }), []],
    ["a governing workflow", nothing({ workflow: hatch }), []],
    ["a project file", nothing(), ["README.md", "pyproject.toml"]],
    ["a script", nothing(), ["tool.py"]],
  ])("%s makes one", (_, found, names) => {
    expect(isPythonFolder(found, names)).toBe(true);
  });

  test("the fallback and other files do not", () => {
    expect(isPythonFolder(nothing(), ["package.json", "python.txt"])).toBe(false);
    expect(isPythonFolder(nothing({ workflow: null }), [])).toBe(false);
  });

  test("a file is known by its name", () => {
    expect(["a.py", "a.pyi", "uv.lock", "a.txt", "py"].map(isPythonFileName)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});
