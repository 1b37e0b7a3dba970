import { expect, test } from "vitest";

import { launchTypes } from "../../../../extension/core/launchTypes.ts";

const TEXT = `{
  // "type": "debugpy"
  "configurations": [
    { "name": "type", "type": "debugpy", "request": "launch" /* "type": "python" */ },
    { "type" : "python" },
    { "type": "node" },
    { "type": "pythonWorkflow", "args": ["type", "debugpy"], "env": { "type": "x" } },
    { "type":
`;

/** The text with each type replaced. */
function replaced(hasPythonDebugger: boolean): string {
  return [...launchTypes(TEXT, hasPythonDebugger)]
    .reverse()
    .reduce((text, { start, end, instead }) => text.slice(0, start) + instead + text.slice(end), TEXT);
}

test("without the Python Debugger extension its types become ours, in configurations alone", () => {
  const expected = TEXT.replace('"type": "debugpy", "request"', '"type": "pythonWorkflow", "request"').replace(
    '"type" : "python"',
    '"type" : "pythonWorkflow"',
  );
  expect(replaced(false)).toBe(expected);
});

test("with it ours becomes its type", () => {
  expect(replaced(true)).toBe(TEXT.replace('"type": "pythonWorkflow"', '"type": "debugpy"'));
});
