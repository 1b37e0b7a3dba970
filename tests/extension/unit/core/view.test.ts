import { describe, expect, test } from "vitest";

import { isSubject } from "../../../../extension/core/commandTarget.ts";
import {
  environmentNodes,
  type EnvironmentNode,
  type FolderNode,
  packageNodes,
  projects,
  pythonNodes,
  type ViewNode,
  viewRow,
} from "../../../../extension/core/view.ts";
import type { Answer, Environment } from "../../../../extension/protocol.ts";
import { answer, environment, systemPython } from "./samples.ts";

const display = { platform: "linux", home: "/home/me" } as const;
const uri = "file:///src/project";
const toUri = (path: string): string => `file://${path}`;

function folder(path: string, found: Answer = answer({ uri: toUri(path), root: path })) {
  return { uri: toUri(path), path, name: path.slice(path.lastIndexOf("/") + 1), answer: found };
}

function node(changes: Partial<Environment> = {}, outOfSync?: string): EnvironmentNode {
  const base = { kind: "environment", uri, environment: environment(changes), answer: answer() } as const;
  return outOfSync === undefined ? base : { ...base, outOfSync };
}

const listed = (folders: readonly FolderNode[]): readonly string[] => folders.map(({ name }) => name);

describe("the projects of a window", () => {
  test("are its folders, in their order", () => {
    expect(listed(projects([folder("/src/two"), folder("/src/one")], [], "linux", toUri))).toEqual(["two", "one"]);
  });

  test("and, after each, those inside that the user was at, by path and each once", () => {
    const known = ["/src/one/z", "/src/one/a", "/src/one/a", "/src/one"].map((root) => answer({ root }));
    const found = projects([folder("/src/one"), folder("/src/two")], known, "linux", toUri);
    expect(listed(found)).toEqual(["one", "one/a", "one/z", "two"]);
    expect(found[1]).toMatchObject({ uri: "file:///src/one/a", nested: true });
  });

  test("a project that is in two open folders is listed once", () => {
    const found = projects([folder("/src"), folder("/src/one")], [answer({ root: "/src/one/a" })], "linux", toUri);
    expect(listed(found)).toEqual(["src", "src/one/a", "one"]);
  });

  test("what is elsewhere is not listed", () => {
    expect(listed(projects([folder("/src/one")], [answer({ root: "/other" })], "linux", toUri))).toEqual(["one"]);
  });
});

describe("an environment's row", () => {
  test("the one in use is marked by shape and color, in words, and for screen readers", () => {
    const row = viewRow(node(), display);
    expect(row).toMatchObject({
      label: ".venv",
      description: "3.12.4, default",
      icon: { name: "pass-filled", color: "testing.iconPassed" },
      context: "environment usable default",
      rows: "closed",
      spoken: ".venv, Python 3.12.4, default, environment",
    });
    expect(row.tooltip).toMatch(/It is the project's \.venv\.[^]*`\/src\/project\/\.venv\/bin\/python`/);
  });

  test("another says where it was found, and is not marked", () => {
    const row = viewRow(node({ default: false, source: "python-envs" }), display);
    expect(row).toMatchObject({ description: "3.12.4", context: "environment usable", icon: { name: "circle-large-outline" } });
    expect(row.tooltip).toContain("Listed in .python-envs.");
  });

  test("one that is out of sync says so and what mends it", () => {
    const row = viewRow(node({}, "uv.lock is newer"), display);
    expect(row).toMatchObject({ description: "3.12.4, default, out of date", context: "environment usable default out-of-sync" });
    expect(row.icon.name).toBe("sync");
    expect(row.tooltip).toMatch(/Out of date: uv\.lock is newer\./);
    expect(row.spoken).toContain("uv.lock is newer");
  });

  test("a broken one says why, has nothing to open, and cannot be selected", () => {
    const row = viewRow(node({ default: false, status: { state: "broken", message: "its Python is gone" } }), display);
    expect(row).toMatchObject({ context: "environment broken", rows: "none", icon: { name: "error" } });
    expect(row.tooltip).toContain("$(error)");
    expect(row.spoken).toBe(".venv, Python 3.12.4, broken, environment, Its Python is gone.");
  });

  test("one of a kind that is not supported is told apart from a broken one", () => {
    const row = viewRow(node({ default: false, status: { state: "unsupported", message: "too old" } }), display);
    expect(row).toMatchObject({ context: "environment unsupported", icon: { name: "circle-slash" } });
    expect(row.description).toContain("unsupported");
  });

  test("a name is shown as it is, whatever the folder calls itself", () => {
    const row = viewRow(node({ name: "$(trash) **x**" }), display);
    expect(row.label).not.toContain("$(trash)");
    expect(row.tooltip).not.toContain("**x**");
  });
});

describe("the other rows", () => {
  const project: FolderNode = { kind: "folder", uri, name: "project", nested: false, answer: answer() };

  test("a project shows its workflow, is open, and says why in its tooltip", () => {
    const row = viewRow(project, display);
    expect(row).toMatchObject({ label: "project", description: "venv", context: "folder", rows: "open" });
    expect(row.spoken).toBe("project, folder, venv");
  });

  test("a project without environments says so, in a row that can make one", () => {
    const [note] = environmentNodes(project, [], undefined);
    expect(note && viewRow(note, display)).toMatchObject({ label: "No environment", context: "no-environment" });
  });

  test("in a workspace that is not trusted a row leads to where trust is given", () => {
    const row = viewRow({ kind: "note", what: "not-trusted" }, display);
    expect(row).toMatchObject({ label: "Manage Workspace Trust", click: "workbench.trust.manage" });
  });

  test("only the environment in use can be out of sync", () => {
    const rows = environmentNodes(project, [environment(), environment({ default: false, prefix: "/x" })], "late");
    expect(rows.map((one) => "outOfSync" in one)).toEqual([true, false]);
  });

  test("a package shows its version", () => {
    const [row] = packageNodes(node(), [{ name: "iniconfig", version: "2.0.0" }]);
    expect(row && viewRow(row, display)).toMatchObject({
      label: "iniconfig",
      description: "2.0.0",
      context: "package",
      spoken: "iniconfig, 2.0.0, package",
    });
  });

  test("the machine's row is closed, and its Pythons are told apart by their paths", () => {
    expect(viewRow({ kind: "pythons" }, display)).toMatchObject({ rows: "closed", context: "pythons" });
    const [row] = pythonNodes([systemPython({ interpreter_path: "/home/me/py/bin/python3" })]);
    expect(row && viewRow(row, display)).toMatchObject({ label: "Python 3.13.1", description: "~/py/bin/python3", context: "python usable" });
  });

  test("where nothing is, and where something went wrong, one sentence says so", () => {
    const notes = [...packageNodes(node(), []), ...pythonNodes([]), failed("the helper is gone")];
    expect(notes.map((one) => viewRow(one, display).label)).toEqual([
      "Nothing is installed",
      "No Python was found",
      "The helper is gone.",
    ]);
  });

  test("no two rows have one id", () => {
    const other = environment({ prefix: "/src/project/old", default: false });
    const rows: readonly ViewNode[] = [
      project,
      node(),
      { ...node(), environment: other },
      ...packageNodes(node(), [{ name: "a", version: "1" }, { name: "b", version: "1" }]),
      { kind: "pythons" },
      ...pythonNodes([systemPython()]),
      failed("x"),
    ];
    expect(new Set(rows.map((one) => viewRow(one, display).id)).size).toBe(rows.length);
  });

  test("each is what a command can be about, and a uri or a word is not", () => {
    expect([project, node(), { kind: "pythons" }].map(isSubject)).toEqual([true, true, true]);
    expect(["text", undefined, null, { path: "/x" }, { kind: "x", uri: 3 }].some(isSubject)).toBe(false);
  });
});

function failed(message: string): ViewNode {
  return { kind: "note", what: "failure", message };
}
