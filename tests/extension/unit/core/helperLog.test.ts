import { expect, test } from "vitest";

import { HelperLog } from "../../../../extension/core/helperLog.ts";

test("a line has the level that the helper gave it, and what follows it has the same", () => {
  const log = new HelperLog();
  const lines = [
    "Fatal Python error: nobody gave this a level",
    "INFO workflow_helper.lsp: asked uv",
    "ERROR pygls.server: it failed",
    "Traceback (most recent call last):",
    '  File "x.py", line 1, in <module>',
    "WARNING workflow_server.client: uv took 3 s",
  ];

  expect(lines.map((line) => log.take(line))).toEqual([
    { level: "warn", text: "helper: Fatal Python error: nobody gave this a level" },
    { level: "info", text: "helper: asked uv" },
    { level: "error", text: "helper: it failed" },
    { level: "error", text: "helper: Traceback (most recent call last):" },
    { level: "error", text: 'helper:   File "x.py", line 1, in <module>' },
    { level: "warn", text: "helper: uv took 3 s" },
  ]);
});

test("what a workflow printed of a secret is not in it", () => {
  const { text } = new HelperLog().take("WARNING workflow_helper.lsp: https://ada:hunter2@index.example refused");

  expect(text).toBe("helper: https://***@index.example refused");
});
