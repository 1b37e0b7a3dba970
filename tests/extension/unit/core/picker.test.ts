import { describe, expect, test } from "vitest";

import { elsewhereRows, type PickerRow, pickerRows } from "../../../../extension/core/picker.ts";
import type { Environment } from "../../../../extension/protocol.ts";
import { environment, systemPython } from "./samples.ts";

const display = { platform: "linux", home: "/home/me" } as const;
const broken = environment({
  name: "old",
  prefix: "/src/project/old",
  default: false,
  source: "python-envs",
  status: { state: "broken", message: "Its Python is gone; run uv venv." },
});

function rows(environments: readonly Environment[], pythons: readonly Environment[] = []): readonly PickerRow[] {
  return pickerRows({ root: "/src/project", environments, pythons }, display);
}

function choice(found: readonly PickerRow[], label: string): PickerRow & { kind: "choice" } {
  const row = found.find((candidate) => candidate.label.includes(label));
  return row?.kind === "choice" ? row : expect.fail(`no row ${label}`);
}

describe("the list of interpreters", () => {
  test("what can be done stands on top; environments are grouped by source, in the helper's order, the machine's Pythons after them", () => {
    const listed = [
      environment(),
      broken,
      environment({ name: "extra", source: "python-envs", default: false, prefix: "/x" }),
    ];
    expect(rows(listed, [systemPython()]).map((row) => row.label)).toEqual([
      "$(add) Create environment...",
      "$(edit) Enter path...",
      "$(list-unordered) Elsewhere on this machine...",
      "$(circle-slash) No interpreter here",
      "The project's .venv",
      "$(python) .venv 3.12.4",
      "Listed in .python-envs",
      "$(warning) old 3.12.4",
      "$(python) extra 3.12.4",
      "Pythons of this machine",
      "$(python) Python 3.13.1",
    ]);
  });

  test("the default is marked, and is the active row", () => {
    const row = choice(rows([environment()]), ".venv 3");
    expect(row).toMatchObject({ description: "default", active: true });
  });

  test("a broken one is shown with its reason, which is also what picking it says", () => {
    const row = choice(rows([broken]), "old");
    expect(row.description).toBe("broken");
    expect(row.detail).toContain("Its Python is gone; run uv venv.");
    expect(row.action).toEqual({ kind: "refuse", reason: "old: Its Python is gone; run uv venv.", environment: broken });
  });

  test("an environment is remembered by its folder, a Python of the machine by its program", () => {
    const found = rows([environment()], [systemPython()]);
    expect(choice(found, ".venv 3").action).toEqual({ kind: "select", selection: "/src/project/.venv" });
    expect(choice(found, "Python 3").action).toEqual({ kind: "select", selection: "/usr/bin/python3.13" });
  });

  test("a Python of the machine that was selected is one still: its version is told once, and no button deletes it", () => {
    const selected = systemPython({ name: "Python 3.13.1", source: "selected", default: true });
    const row = choice(rows([selected]), "Python");
    expect(row.label).toBe("$(python) Python 3.13.1");
    expect(row.environment).toBeUndefined();
    expect(row.action).toEqual({ kind: "select", selection: "/usr/bin/python3.13" });
  });

  test("what is elsewhere is selected by its folder, and has no buttons that change it", () => {
    const elsewhere = { source: "elsewhere", default: false, prefix: "/home/me/.virtualenvs/shop" } as const;
    const dead = { ...elsewhere, status: { state: "broken", message: "Its Python is gone." } } as const;
    const environments = [environment({ ...elsewhere, name: "shop" }), environment({ ...dead, name: "old" })];
    const found = elsewhereRows({ root: "/src/project", environments }, display);
    expect(found.map((row) => row.label)).toEqual([
      "Elsewhere on this machine",
      "$(python) shop 3.12.4",
      "$(warning) old 3.12.4",
    ]);
    const [shop, old] = [choice(found, "shop"), choice(found, "old")];
    expect(shop.action).toEqual({ kind: "select", selection: "/home/me/.virtualenvs/shop" });
    expect(old.action).toEqual({ kind: "refuse", reason: "old: Its Python is gone." });
    expect([shop.environment, old.environment]).toEqual([undefined, undefined]);
  });

  test("paths below the home folder are shown with a tilde", () => {
    const row = choice(rows([environment({ interpreter_path: "/home/me/env/bin/python" })]), ".venv 3");
    expect(row.detail).toBe("~/env/bin/python");
  });

  test("with nothing found one can still enter a path, create, or say none", () => {
    const kinds = rows([]).map((row) => (row.kind === "choice" ? row.action.kind : row.kind));
    expect(kinds).toEqual(["create", "enterPath", "elsewhere", "none"]);
  });
});
