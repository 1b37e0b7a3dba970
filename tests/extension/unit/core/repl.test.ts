import { spawnSync } from "node:child_process";

import { describe, expect, test } from "vitest";

import { replInput, touchedLines } from "../../../../extension/core/repl.ts";
import { needPosix } from "../needs.ts";

const LINES = [
  "    def plus(x):",
  '        r"""One more.',
  "",
  '        \\ "quoted" é."""',
  "",
  "        return x + 1",
  "",
  "    plus(41)",
  "    for one in range(2):",
  '        print("one", one)',
  "",
];

describe("what is typed into a REPL", () => {
  test("is run by an older one as a text, a statement each, whose value is shown, and leaves its names behind", (context) => {
    needPosix(context);
    const typed = `${replInput(LINES, "3.12.1").replace("\r", "\n")}plus.__doc__\nplus(1)\n`;
    const done = spawnSync("python3", ["-i", "-q", "-c", "import sys; sys.ps1 = ''"], {
      input: typed,
      encoding: "utf8",
      env: { ...process.env, PYTHONIOENCODING: "utf8" },
    });
    expect(done.stderr.trim()).toBe("");
    expect(done.stdout.trim().split("\n")).toEqual([
      "42",
      "one 0",
      "one 1",
      String.raw`'One more.\n\n    \\ "quoted" é.'`,
      "2",
    ]);
  });

  test("is pasted into a newer one as it stands, and ended by an empty line", () => {
    const pasted = replInput(["if True:", "    print(1)"], "3.13");
    expect(pasted).toBe("\x1b[200~if True:\r    print(1)\x1b[201~\r\r");
    expect(replInput(["a = 1", "a"], "3.14.0")).toBe("\x1b[200~a = 1\ra\x1b[201~\r\r");
  });

  test("is a line as it is, and nothing where there is nothing", () => {
    expect(replInput(["", "        x = 1  ", ""], "3.13")).toBe("x = 1\r");
    expect(replInput(["x"], null)).toBe("x\r");
    expect(replInput(["  ", ""], "3.13")).toBe("");
  });

  test("holds nothing that a terminal would take for an order", () => {
    expect(replInput(["a\x1b[201~\x03", "\tb\x7f"], "3.13")).toBe("\x1b[200~a[201~\r\tb\x1b[201~\r\r");
  });
});

test("a selection that ends before the first character of a line leaves that line alone", () => {
  expect(touchedLines(2, 5, 0)).toEqual([2, 4]);
  expect(touchedLines(2, 5, 1)).toEqual([2, 5]);
  expect(touchedLines(2, 2, 0)).toEqual([2, 2]);
});
