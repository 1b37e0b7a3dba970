import { describe, expect, test } from "vitest";

import { checkMessage, deletedMessage, outOfSyncReason, syncMessage } from "../../../../extension/core/syncMessages.ts";
import { environment } from "./samples.ts";

const BROKEN = { state: "broken", message: "its interpreter is gone", recreate: true } as const;
const STALE = { state: "out_of_sync", message: "a 2 is locked, but 1 is installed", recreate: false } as const;

describe("what is told of a check", () => {
  test("the status bar hints at an environment that is out of sync, and at nothing else", () => {
    expect(outOfSyncReason(STALE)).toBe("a 2 is locked, but 1 is installed");
    for (const state of ["in_sync", "unknown", "none"] as const) {
      expect(outOfSyncReason({ state, message: "something", recreate: false })).toBeUndefined();
    }
    expect(outOfSyncReason(BROKEN)).toBeUndefined();
  });

  test.each([
    [STALE, ".venv is out of date: a 2 is locked, but 1 is installed.", true],
    [BROKEN, "Its interpreter is gone.", true],
    [{ state: "in_sync", message: "", recreate: false } as const, ".venv is up to date.", false],
    [{ state: "none", message: "", recreate: false } as const, "This project has no environment yet.", false],
  ])("%j is told in one sentence, with what mends it", (checked, text, canSync) => {
    expect(checkMessage(checked, ".venv")).toEqual({ text, canSync });
  });

  test("where nobody can tell, the reason is given", () => {
    const message = checkMessage({ state: "unknown", message: "tox does not tell", recreate: false }, "dev");
    expect(message.text).toContain("tox does not tell.");
  });
});

describe("what is told of a sync", () => {
  const nothing = { changed: false, installed: [], removed: [], recreated: false };

  test("what was installed and removed is counted", () => {
    const done = { ...nothing, changed: true, installed: [{ name: "a", version: "1" }] };
    expect(syncMessage(done, ".venv")).toBe(".venv is now up to date: 1 installed.");
    expect(syncMessage({ ...done, removed: done.installed }, ".venv")).toContain("1 installed, 1 removed");
  });

  test("nothing to do, and an environment recreated, are told apart", () => {
    expect(syncMessage(nothing, ".venv")).toBe(".venv was already up to date.");
    expect(syncMessage({ ...nothing, changed: true, recreated: true }, ".venv")).toBe(".venv was recreated.");
  });
});

test("of a deleted environment it is said what the project uses since, where that changed", () => {
  expect(deletedMessage("other", undefined)).toBe('Deleted "other".');
  expect(deletedMessage("other", null)).toBe('Deleted "other". The project has no environment now.');
  expect(deletedMessage("other", environment({ name: ".venv" }))).toBe('Deleted "other". The project now uses .venv.');
});
