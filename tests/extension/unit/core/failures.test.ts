import { expect, test } from "vitest";

import { failureText, plainHint } from "../../../../extension/core/failures.ts";

test("a failure is said in one sentence, with what became of what was asked for, and without what a tool wrote", () => {
  const message = "python3 failed (1) at installing into /p/.venv: a required package is in none of the package indexes. Its output:\nERROR: x\nERROR: y";
  const hint = "Check its name.";
  expect(failureText({ message, hint, summary: 'No package named "x" was found.' }, "Nothing was created.")).toBe(
    'No package named "x" was found. Nothing was created. Check its name.',
  );
  expect(failureText({ message })).toBe("python3 failed (1) at installing into /p/.venv: a required package is in none of the package indexes.");
  expect(failureText({ message: "the server s ended; it wrote:\nTraceback" })).toBe("The server s ended.");
  expect(failureText({ message: "/p/.venv could not be made: uv failed (2): error: a; b" })).toBe("/p/.venv could not be made.");
});

test.each([
  ["'wsp python list' lists the available Pythons. Name another with --python.", ""],
  ["Install uv, or name another. For a plain .venv anyway: --workflow venv.", "Install uv, or name another."],
  ["Check the network, a proxy, and the index.", "Check the network, a proxy, and the index."],
])("of the hint %j the editor shows %j", (hint, shown) => {
  expect(plainHint(hint)).toBe(shown);
});
