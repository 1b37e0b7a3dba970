import { describe, expect, test } from "vitest";

import { asSentence, codeBlock, codeSpan, plainLabel, plainMarkdown, spelledOut } from "../../../../extension/core/displayText.ts";

describe("what nobody sees", () => {
  test.each([
    ["a\nb\tc\r", "a\\nb\\tc\\r"],
    ["\u001b[31m\u0000\u009b", "\\x1b[31m\\x00\\x9b"],
    ["\ud800 \udfff", "\\ud800 \\udfff"],
    ["good\u202egpj.exe\u2028", "good\\u202egpj.exe\\u2028"],
    ["ünï 日本 👩\u200d👧", "ünï 日本 👩\u200d👧"],
  ])("%j is spelled %j", (text, expected) => {
    expect(spelledOut(text)).toBe(expected);
    expect(plainLabel(text)).toBe(expected);
  });
});

describe("code spans", () => {
  test.each([
    ["/a", "`/a`"],
    ["a`b", "``a`b``"],
    ["`a", "`` `a ``"],
    ["a``b`c", "```a``b`c```"],
    ["a\nb", "`a\\nb`"],
  ])("%j is written %j", (text, expected) => {
    expect(codeSpan(text)).toBe(expected);
  });
});

describe("code blocks", () => {
  test.each([
    ["a\nb", "```text\na\nb\n```"],
    ["```", "````text\n```\n````"],
    ["a\u001b[31m\u0000b", "```text\na\\x1b[31m\\x00b\n```"],
  ])("%j is written %j", (text, expected) => {
    expect(codeBlock(text)).toBe(expected);
  });
});

describe("text for Markdown", () => {
  test.each([
    ["C:\\a\\.venv", "C:\\\\a\\\\.venv"],
    ["/src/__init__/a", "/src/\\_\\_init\\_\\_/a"],
    ["~/a and ~/b", "\\~/a and \\~/b"],
    ["$(sync~spin)", "\\$(sync\\~spin)"],
    ["&lt;b>", "\\&lt;b>"],
    ["a\n b\u001b[2J", "a b\\\\x1b[2J"],
  ])("%j is written %j", (text, expected) => {
    expect(plainMarkdown(text)).toBe(expected);
  });
});

describe("sentences", () => {
  test.each([
    ["no environment was found", "No environment was found."],
    ["It is there.", "It is there."],
    ["/a/.venv is broken", "/a/.venv is broken."],
    [".venv is broken", ".venv is broken."],
    ["uv.lock is stale", "uv.lock is stale."],
    ["", ""],
  ])("%j is said as %j", (text, expected) => {
    expect(asSentence(text)).toBe(expected);
  });
});
