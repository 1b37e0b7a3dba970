import { describe, expect, test } from "vitest";

import { expandHome, isInside, shortenHome, shortenPaths } from "../../../../extension/core/paths.ts";

describe("paths", () => {
  test.each([
    ["linux", "/a", "/a", true],
    ["linux", "/a", "/a/b", true],
    ["linux", "/a", "/ab", false],
    ["linux", "/a/b", "/a", false],
    ["linux", "/a", "/a/..b", true],
    ["win32", "C:\\a", "c:\\A\\b", true],
    ["win32", "C:\\a", "D:\\a\\b", false],
  ] as const)("on %s, of %s and %s the latter is inside: %j", (platform, folder, path, inside) => {
    expect(isInside(platform, folder, path)).toBe(inside);
  });

  test("a tilde is the home folder, and another user's is left alone", () => {
    expect(expandHome("linux", "/home/me", "~/x/y")).toBe("/home/me/x/y");
    expect(expandHome("linux", "/home/me", "~")).toBe("/home/me");
    expect(expandHome("linux", "/home/me", "~you/x")).toBe("~you/x");
    expect(expandHome("win32", "C:\\me", "~\\x")).toBe("C:\\me\\x");
  });

  test("a path is shortened only below the home folder", () => {
    expect(shortenHome("linux", "/home/me", "/home/me/x")).toBe("~/x");
    expect(shortenHome("linux", "/home/me", "/home/you/x")).toBe("/home/you/x");
    expect(shortenHome("linux", "", "/x")).toBe("/x");
  });

  test.each([
    ["linux", "/home/me", "/home/me/src/p", "/home/me/src/p/.venv of /home/me/src/p", ".venv of ~/src/p"],
    ["linux", "/home/me", "/", "/usr/bin of /home/me", "/usr/bin of /home/me"],
    ["linux", "", "/p", "/p/a and /q/a", "a and /q/a"],
    ["win32", "C:\\me", "C:\\me\\p", "C:\\me\\p\\x and C:\\me\\y", "x and ~\\y"],
  ] as const)("on %s at home in %j, in the root %j, %j is said as %j", (platform, home, root, text, expected) => {
    expect(shortenPaths(text, root, { platform, home })).toBe(expected);
  });
});
