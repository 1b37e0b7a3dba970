import { describe, expect, test } from "vitest";

import {
  askedManager,
  isSame,
  type NeighborTraits,
  Meeting,
  PYTHON,
  PYTHON_ENVIRONMENTS,
  neighborsToSync,
} from "../../../../extension/core/neighbors.ts";
import { environment, systemPython } from "./samples.ts";

describe("the neighbors to sync with", () => {
  const has = (...ids: readonly string[]) => (id: string): boolean => ids.includes(id);
  const both = has(PYTHON, PYTHON_ENVIRONMENTS);
  const unset = { delegates: undefined, refused: false };

  test("nobody, where nobody is there", () => {
    expect(neighborsToSync({ has: has(), ...unset })).toEqual([]);
  });

  test.each([PYTHON, PYTHON_ENVIRONMENTS])("%s alone", (id) => {
    expect(neighborsToSync({ has: has(id), ...unset })).toEqual([{ id, isFollowed: true }]);
  });

  test("the Python extension is not followed where a person selects in Python Environments with it", () => {
    expect(neighborsToSync({ has: both, delegates: true, refused: false })).toEqual([
      { id: PYTHON_ENVIRONMENTS, isFollowed: true },
      { id: PYTHON, isFollowed: false },
    ]);
  });

  test("each, where both select for themselves", () => {
    expect(neighborsToSync({ has: both, delegates: false, refused: false })).toEqual([
      { id: PYTHON_ENVIRONMENTS, isFollowed: true },
      { id: PYTHON, isFollowed: true },
    ]);
  });

  test("the Python extension, where the user does not want Python Environments", () => {
    expect(neighborsToSync({ has: both, delegates: false, refused: true })).toEqual([{ id: PYTHON, isFollowed: true }]);
  });
});

describe("the manager that Python Environments asks", () => {
  const VENV = "ms-python.python:venv";
  const managerOf = (settings: { projects?: unknown; manager?: unknown }, place = "/src/project"): string =>
    askedManager("linux", { projects: undefined, manager: undefined, ...settings }, place, "/src/project");

  test.each([
    ["is their own where nothing is named", {}, VENV],
    ["is their own where the name is empty", { manager: "" }, VENV],
    ["is the default that is named", { manager: "a.b:conda" }, "a.b:conda"],
    ["is that of the project before the default", { manager: "x", projects: [{ path: ".", envManager: "y" }] }, "y"],
    ["is the default where the project names none", { manager: "x", projects: [{ path: ".", envManager: "" }] }, "x"],
    ["is the default where the project is another", { manager: "x", projects: [{ path: "api", envManager: "y" }] }, "x"],
    ["is the default where the projects are no list", { manager: "x", projects: "api" }, "x"],
  ])("%s", (_, settings, id) => {
    expect(managerOf(settings)).toBe(id);
  });

  test.each(["api", "./api/", "/src/project/api"])("is that of the nested project %s", (path) => {
    expect(managerOf({ projects: [{ path, envManager: "y" }] }, "/src/project/api")).toBe("y");
  });
});

describe("whether a path means an environment", () => {
  test.each([
    ["its interpreter", "/src/project/.venv/bin/python", true],
    ["its interpreter by another name", "/src/project/.venv/bin/python3.12", true],
    ["its folder", "/src/project/.venv/", true],
    ["another environment", "/src/project/envs/other/bin/python", false],
    ["a folder that encloses it", "/src/project", false],
  ])("%s", (_, path, same) => {
    expect(isSame("linux", environment(), path)).toBe(same);
  });

  test("the machine's Pythons share a folder, and are not the same", () => {
    expect(isSame("linux", systemPython(), "/usr/bin/python3.13")).toBe(true);
    expect(isSame("linux", systemPython(), "/usr/bin/python3.11")).toBe(false);
  });

  test("on Windows the case of a path does not matter", () => {
    const windows = environment({
      prefix: String.raw`C:\src\.venv`,
      interpreter_path: String.raw`C:\src\.venv\Scripts\python.exe`,
    });
    expect(isSame("win32", windows, String.raw`c:\SRC\.venv\scripts\Python.exe`)).toBe(true);
  });
});

describe("a meeting", () => {
  const dotVenv = environment();
  const other = environment({
    prefix: "/src/project/envs/other",
    interpreter_path: "/src/project/envs/other/bin/python",
  });
  const OWN = "/src/project/.venv/bin/python";
  const OTHER = "/src/project/envs/other/bin/python";
  const THIRD = "/src/project/envs/third/bin/python";
  const SYSTEM = "/usr/bin/python3";

  /** A clock that shows zero, and from then on a time. */
  function clock(later: number): () => number {
    const times = [0];
    return () => times.shift() ?? later;
  }

  /** A meeting with somebody who started long ago, unless told otherwise. */
  function meeting(changes: Partial<NeighborTraits> = {}, before?: string): Meeting {
    const traits = { isFollowed: true, platform: "linux", now: clock(60_000), reportsChoice: false, ...changes } as const;
    return new Meeting(traits, before ?? null);
  }

  test("what is selected here is handed over once, and its echo is no change", () => {
    const met = meeting();
    expect(met.next(dotVenv, undefined)).toEqual({ kind: "hand" });
    expect(met.handed(dotVenv, OWN)).toBe(true);
    expect(met.next(dotVenv, "/src/project/.venv/bin/python3")).toEqual({ kind: "rest" });
    expect(met.next(dotVenv, OWN)).toEqual({ kind: "rest" });
  });

  test("what both have already is not handed over", () => {
    expect(meeting().next(dotVenv, OWN)).toEqual({ kind: "rest" });
  });

  test("what was selected there before they met is not followed, but told of what is selected here", () => {
    expect(meeting().next(dotVenv, OTHER)).toEqual({ kind: "hand" });
    expect(meeting().next(undefined, OTHER)).toEqual({ kind: "rest" });
  });

  test("a change there is followed, and not handed back", () => {
    const met = meeting();
    met.next(dotVenv, OWN);
    expect(met.next(dotVenv, OTHER)).toEqual({
      kind: "follow",
      change: { path: OTHER, before: OWN, agreed: true },
    });
    met.followed(other);
    expect(met.next(other, OTHER)).toEqual({ kind: "rest" });
  });

  test("a change there that could not be followed is let stand: nothing is handed over against it", () => {
    const met = meeting();
    met.next(dotVenv, OWN);
    expect(met.next(dotVenv, OTHER)).toMatchObject({ kind: "follow" });
    met.followed(dotVenv);
    expect(met.next(dotVenv, OTHER)).toEqual({ kind: "rest" });
  });

  test("a late echo of what was handed over before changes nothing", () => {
    const met = meeting();
    expect(met.next(dotVenv, undefined)).toEqual({ kind: "hand" });
    met.handed(dotVenv, undefined);
    expect(met.next(other, undefined)).toEqual({ kind: "hand" });
    // It still has the first one when it is asked back, and the second one with its next event.
    met.handed(other, OWN);
    expect(met.next(other, OTHER)).toEqual({ kind: "rest" });
  });

  test("what it was handed and takes late is not its choice, although something else was selected here meanwhile", () => {
    const met = meeting();
    met.next(dotVenv, SYSTEM);
    met.handed(dotVenv, SYSTEM);
    expect(met.next(other, OWN)).toEqual({ kind: "hand" });
  });

  test("one that keeps its own is handed each value once", () => {
    const met = meeting();
    expect(met.next(dotVenv, SYSTEM)).toEqual({ kind: "hand" });
    expect(met.handed(dotVenv, SYSTEM)).toBe(false);
    expect(met.next(dotVenv, SYSTEM)).toEqual({ kind: "rest" });
    expect(met.next(other, SYSTEM)).toEqual({ kind: "hand" });
    met.handed(other, SYSTEM);
    expect(met.next(other, THIRD)).toMatchObject({ kind: "follow", change: { agreed: false } });
  });

  test("what was not kept is handed over once more when that is wished for, unless something changed meanwhile", () => {
    const met = meeting();
    met.next(dotVenv, SYSTEM);
    met.handed(dotVenv, SYSTEM);
    expect([met.refusals, met.retry(), met.retry()]).toEqual([1, true, false]);
    expect(met.next(dotVenv, SYSTEM)).toEqual({ kind: "hand" });
    met.handed(dotVenv, SYSTEM);
    expect(met.refusals).toBe(2);
    expect(met.next(dotVenv, THIRD)).toMatchObject({ kind: "follow" });
    expect(met.retry()).toBe(false);
    met.next(other, THIRD);
    met.handed(other, OTHER);
    expect([met.refusals, met.retry()]).toEqual([0, false]);
  });

  test("nothing is handed over or followed where nothing is selected on either side", () => {
    const met = meeting();
    expect(met.next(undefined, undefined)).toEqual({ kind: "rest" });
    met.next(dotVenv, OWN);
    expect(met.next(undefined, undefined)).toEqual({ kind: "rest" });
  });

  test("of a place that was not looked at, the change that is told of is followed", () => {
    const met = meeting({}, OWN);
    expect(met.next(dotVenv, OTHER)).toMatchObject({ kind: "follow" });
  });

  describe("while the other one starts", () => {
    test("its own first choice over what it was handed is not followed: it is told once more, and not again", () => {
      const met = meeting({ now: clock(3_000) });
      expect(met.next(dotVenv, undefined)).toEqual({ kind: "hand" });
      met.handed(dotVenv, OWN);
      expect(met.next(dotVenv, SYSTEM)).toEqual({ kind: "hand" });
      met.handed(dotVenv, OWN);
      expect(met.next(dotVenv, SYSTEM)).toMatchObject({ kind: "follow" });
    });

    test("one that forgets what it was handed is told once more, and believed from then on", () => {
      const met = meeting({ now: clock(3_000) });
      met.next(dotVenv, SYSTEM);
      met.handed(dotVenv, OWN);
      expect(met.next(dotVenv, undefined)).toEqual({ kind: "hand" });
      met.handed(dotVenv, OWN);
      expect(met.next(dotVenv, OTHER)).toMatchObject({ kind: "follow" });
    });

    test("one that starts with what is selected here has nothing to choose, and is believed at once", () => {
      const met = meeting({ now: clock(3_000) });
      met.next(dotVenv, OWN);
      expect(met.next(dotVenv, OTHER)).toMatchObject({ kind: "follow" });
    });

    test("it is believed once it has had the time to choose", () => {
      const met = meeting({ now: clock(10_000) });
      expect(met.next(dotVenv, SYSTEM)).toEqual({ kind: "hand" });
      met.handed(dotVenv, OWN);
      expect(met.next(dotVenv, OTHER)).toMatchObject({ kind: "follow" });
    });

    test("one that has nothing yet, and tells when it has chosen, may choose several times until it tells", () => {
      const met = meeting({ reportsChoice: true });
      met.next(dotVenv, undefined);
      for (const found of [SYSTEM, OTHER]) {
        met.handed(dotVenv, OWN);
        expect(met.next(dotVenv, found)).toEqual({ kind: "hand" });
      }
      met.handed(dotVenv, OWN);
      met.hasChosen();
      expect(met.next(dotVenv, OTHER)).toMatchObject({ kind: "follow" });
    });

    test("one that never tells is believed in the end", () => {
      const met = meeting({ reportsChoice: true, now: clock(600_000) });
      met.next(dotVenv, undefined);
      met.handed(dotVenv, OWN);
      expect(met.next(dotVenv, OTHER)).toMatchObject({ kind: "follow" });
    });

    test("what it finds where nothing is selected here is nobody's choice", () => {
      const met = meeting({ now: clock(10_000) });
      expect(met.next(undefined, undefined)).toEqual({ kind: "rest" });
      expect(met.next(undefined, SYSTEM)).toEqual({ kind: "rest" });
    });

    test("it may start again for a place, and choose once more", () => {
      let now = 0;
      const met = meeting({ now: () => now });
      met.next(dotVenv, OWN);
      now = 60_000;
      met.starts();
      now = 61_000;
      expect(met.next(dotVenv, OTHER)).toEqual({ kind: "hand" });
      met.handed(dotVenv, OWN);
      expect(met.next(dotVenv, OTHER)).toMatchObject({ kind: "follow" });
    });
  });

  describe("at any time", () => {
    test("what it takes where it had nothing is nobody's choice, and is answered", () => {
      const met = meeting();
      met.next(dotVenv, OWN);
      expect(met.next(dotVenv, undefined)).toEqual({ kind: "hand" });
      met.handed(dotVenv, undefined);
      expect(met.next(dotVenv, undefined)).toEqual({ kind: "rest" });
      expect(met.next(dotVenv, OTHER)).toEqual({ kind: "hand" });
    });

    test("what changes at one that nobody selects with is answered", () => {
      const met = meeting({ isFollowed: false });
      met.next(dotVenv, OWN);
      expect(met.next(dotVenv, OTHER)).toEqual({ kind: "hand" });
      met.handed(dotVenv, OWN);
      expect(met.next(dotVenv, SYSTEM)).toEqual({ kind: "hand" });
    });
  });
});
