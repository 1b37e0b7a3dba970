import { describe, expect, test } from "vitest";

import { nestedRoots, projectsQuestion, unnamedProjects, withProjects } from "../../../../extension/core/nestedSettings.ts";
import { environment } from "./samples.ts";

const project = (root: string, path: string | undefined): Parameters<typeof unnamedProjects>[1] => ({
  root,
  environment: path === undefined ? undefined : environment({ interpreter_path: `${path}/bin/python` }),
});
const managers = { envManager: "ms-python.python:venv", packageManager: "ms-python.python:pip" };

test("a nested project is one, however many of its files belong to it, and what lies beside the folder is none", () => {
  const roots = ["/mono", "/mono/api", "/mono/api", "/monorepo", "/mono/web"];
  expect(nestedRoots("linux", "/mono", roots)).toEqual(["/mono/api", "/mono/web"]);
});

describe("the projects that Python Environments has to be told of", () => {
  const top = project("/mono", "/mono/.venv");

  test("are those whose environment is not that of the folder around them", () => {
    const nested = [project("/mono/web", "/mono/web/.venv"), project("/mono/api", "/mono/api/.venv"), project("/mono/lib", "/mono/.venv")];
    expect(unnamedProjects("linux", top, nested, [])).toEqual(["/mono/api", "/mono/web"]);
  });

  test("are none that the setting names, and of those in them the ones that differ from them", () => {
    const nested = [project("/mono/api", "/mono/api/.venv"), project("/mono/api/plugin", "/mono/.venv"), project("/mono/api/docs", "/mono/api/.venv")];
    expect(unnamedProjects("linux", top, nested, ["/mono/api"])).toEqual(["/mono/api/plugin"]);
  });

  test("are none without an environment, and any with one where the folder has none", () => {
    const nested = [project("/mono/api", "/mono/api/.venv"), project("/mono/web", undefined)];
    expect(unnamedProjects("linux", project("/mono", undefined), nested, [])).toEqual(["/mono/api"]);
  });
});

describe("the setting", () => {
  test("keeps what it has, and has each project once", () => {
    const mine = { path: "api/", envManager: "mine", packageManager: "mine" };
    expect(withProjects("linux", [mine, "odd"], "/mono", ["/mono/api", "/mono/libs/core"], managers)).toEqual([
      mine,
      "odd",
      { path: "libs/core", ...managers },
    ]);
  });

  test("has slashes on Windows, too, and begins where it was nothing", () => {
    expect(withProjects("win32", undefined, String.raw`C:\mono`, [String.raw`C:\mono\libs\core`], managers)).toEqual([
      { path: "libs/core", ...managers },
    ]);
  });
});

describe("the question", () => {
  test("names the projects, the setting and the file", () => {
    expect(projectsQuestion("linux", "/src/mono", ["/src/mono/api", "/src/mono/libs/core"])).toBe(
      'The Python Environments extension uses one environment for all of mono, but projects in it have their own. Add api, libs/core to "python-envs.pythonProjects" in mono/.vscode/settings.json?',
    );
  });

  test("names three of many", () => {
    const roots = ["a", "b", "c", "d", "e"].map((name) => `/mono/${name}`);
    expect(projectsQuestion("linux", "/mono", roots)).toContain("Add a, b, c and 2 more projects to");
    expect(projectsQuestion("linux", "/mono", roots.slice(1))).toContain("Add b, c, d and 1 more project to");
  });
});
