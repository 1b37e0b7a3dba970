import { describe, expect, test } from "vitest";

import {
  changesTold,
  packageRows,
  requirementsIn,
  whoseDependencies,
  whyNotRequirements,
} from "../../../../extension/core/packages.ts";

const iniconfig = { name: "iniconfig", version: "2.0.0" };

describe("requirements that are typed in one line", () => {
  test.each([
    ["requests", ["requests"]],
    ["  requests   flask ", ["requests", "flask"]],
    ["requests, flask, rich", ["requests", "flask", "rich"]],
    ["flask>=3,<4 rich", ["flask>=3,<4", "rich"]],
    ["flask >= 3, < 4 rich", ["flask >= 3, < 4", "rich"]],
    ["rich[jupyter, extra] flask", ["rich[jupyter, extra]", "flask"]],
    ["pip @ https://example.org/pip.whl", ["pip @ https://example.org/pip.whl"]],
    ['tomli; python_version < "3.11"', ['tomli; python_version < "3.11"']],
    ['tomli ; python_version < "3.11" and os_name == "nt"', ['tomli ; python_version < "3.11" and os_name == "nt"']],
    ["", []],
  ])("%j is read as %j", (typed, found) => {
    expect(requirementsIn(typed)).toEqual(found);
  });

  test.each(["", "   "])("of nothing (%j) one is told what to enter", (typed) => {
    expect(whyNotRequirements(typed)).toMatch(/at least one package/);
  });

  test.each(["--index-url=https://example.org", "-r requirements.txt", "flask -U", "./here"])(
    "an option or a path is refused while it is typed: %s",
    (typed) => {
      expect(whyNotRequirements(typed)).toMatch(/is not the name of a package/);
    },
  );

  test("what can be tried is not complained about", () => {
    expect(whyNotRequirements("flask>=3 rich")).toBeUndefined();
  });
});

describe("the list of packages", () => {
  test("begins with installing, and shows each package with its version", () => {
    const rows = packageRows([iniconfig], "", undefined);
    expect(rows.map((row) => row.label)).toEqual(["$(add) Install packages...", "Installed", "$(package) iniconfig"]);
    expect(rows.at(-1)).toMatchObject({ description: "2.0.0", action: { kind: "package", package: iniconfig } });
  });

  test("offers to install what is typed", () => {
    expect(packageRows([], " rich ", undefined)[0]).toMatchObject({
      label: "$(add) Install rich",
      action: { kind: "install", typed: "rich" },
    });
  });

  test("says that nothing is installed", () => {
    expect(packageRows([], "", undefined).map((row) => row.label)).toContain("Nothing is installed");
  });
});

describe("whose a package is that was put in by hand", () => {
  test("a tool with a manifest keeps the project's own in that, and may undo it", () => {
    expect(whoseDependencies("uv")).toMatch(/not added to pyproject\.toml, and a later sync may remove them/);
    expect(whoseDependencies("pipenv")).toContain("Pipfile");
  });

  test.each([undefined, "venv", "mine"])("of another (%s) only that it is the environment's", (workflow) => {
    expect(whoseDependencies(workflow)).toBe("They are not added to what the project declares");
    expect(whoseDependencies(workflow)).not.toContain("undo");
  });
});

describe("what is told of a change", () => {
  const changes = { changed: true, installed: [iniconfig], removed: [] };

  test("names what was installed and removed", () => {
    const both = { ...changes, removed: [{ name: "rich", version: "14" }] };
    expect(changesTold(both, ".venv", "venv")).toBe(".venv: iniconfig 2.0.0 installed, rich 14 removed.");
  });

  test("of many names the first alone, and says how many more there are", () => {
    const many = { ...changes, installed: Array.from({ length: 9 }, (_, index) => ({ name: `p${index}`, version: "1" })) };
    expect(changesTold(many, ".venv", undefined)).toBe(".venv: p0 1, p1 1, p2 1, p3 1 and 5 more installed.");
  });

  test("that nothing had to be done", () => {
    expect(changesTold({ changed: false, installed: [], removed: [] }, ".venv", "uv")).toMatch(/Nothing was changed/);
  });

  test("that a sync may undo it, where the workflow keeps a manifest", () => {
    expect(changesTold(changes, ".venv", "uv")).toMatch(/installed\. pyproject\.toml was not changed: a later sync may undo this\.$/);
  });

  test("that something was changed, where the workflow does not say what", () => {
    expect(changesTold({ ...changes, installed: [] }, ".venv", undefined)).toBe("The packages of .venv were changed.");
  });
});
