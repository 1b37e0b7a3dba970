import { spawnSync } from "node:child_process";

import { expect, test } from "vitest";

import { shellLine } from "../../../../extension/core/quoting.ts";
import { needPosix } from "../needs.ts";

const AWKWARD = ["/a b/it's", '"$HOME" `id` $(id)', "\\", "", "*", "!x", "~", "a\nb"];

test.for(["sh", "bash"])("%s takes each word as it is", (shell, context) => {
  needPosix(context);
  const line = shellLine(["/usr/bin/printf", "%s\\0", ...AWKWARD], shell, "linux");
  const { stdout } = spawnSync(shell, ["-c", line], { encoding: "utf8" });
  expect(stdout.split("\0").slice(0, -1)).toEqual(AWKWARD);
});

test.each([
  ["zsh", "linux", "/p/.venv/bin/python '/a b/it'\\''s.py'"],
  ["fish", "darwin", "/p/.venv/bin/python '/a b/it\\'s.py'"],
  ["pwsh", "linux", "/p/.venv/bin/python '/a b/it''s.py'"],
  ["cmd.exe", "win32", `/p/.venv/bin/python "/a b/it's.py"`],
  [undefined, "linux", "/p/.venv/bin/python '/a b/it'\\''s.py'"],
  [undefined, "win32", "/p/.venv/bin/python '/a b/it''s.py'"],
] as const)("the line is %s's own, and what needs no quotes has none", (shell, platform, line) => {
  expect(shellLine(["/p/.venv/bin/python", "/a b/it's.py"], shell, platform)).toBe(line);
});

test("PowerShell calls a program that is quoted", () => {
  const argv = ["C:\\Program Files\\python.exe", "C:\\p\\main.py"];
  expect(shellLine(argv, "pwsh", "win32")).toBe("& 'C:\\Program Files\\python.exe' C:\\p\\main.py");
});
