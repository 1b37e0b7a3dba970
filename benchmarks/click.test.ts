/** What a person waits for who runs one test in the Testing view, beside pytest on it alone: see docs/benchmarks.md. */
import { execFile } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";

import { expect, shown, test } from "../tests/extension/workbench/harness/index.ts";
import type { Workbench } from "../tests/extension/workbench/harness/index.ts";
import { installPytest, TestingView } from "../tests/extension/workbench/harness/testing.ts";
import { keep, rounds, uncompiled, warmUp } from "./result.ts";

const NAME = "test_flag";

/** Milliseconds from the click on "Run Test" to the state that its row shows; both are seen in the window itself. */
async function clicked(workbench: Workbench, view: TestingView, state: string): Promise<number> {
  await view.row(NAME).hover();
  await view.row(NAME).locator('.action-label[aria-label="Run Test"]').waitFor();
  return workbench.page.evaluate(
    async ([name, wanted, most]) => {
      const rows = [...document.querySelectorAll<HTMLElement>(".test-explorer .monaco-list-row")];
      const row = rows.find((one) => (one.getAttribute("aria-label") ?? "").startsWith(name));
      const start = performance.now();
      row?.querySelector<HTMLElement>('.action-label[aria-label="Run Test"]')?.click();
      const isShown = (): boolean =>
        document.querySelector(`.test-explorer .monaco-list-row[aria-label^="${name} (${wanted}"]`) !== null;
      while (!isShown()) {
        if (performance.now() - start > most) {
          throw new Error(`${name} is not shown as ${wanted}`);
        }
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
      return performance.now() - start;
    },
    [NAME, state, shown.timeout] as const,
  );
}

/** Milliseconds that pytest takes for the test; its exit status is to be this one. */
async function byPytest(folder: string, status: number): Promise<number> {
  const start = performance.now();
  const ended = await new Promise<number>((resolve) => {
    const child = execFile(`${folder}/.venv/bin/python`, ["-m", "pytest", "-q", `test_shop.py::${NAME}`], { cwd: folder });
    child.on("close", (code) => {
      resolve(code ?? -1);
    });
  });
  expect(ended).toBe(status);
  return performance.now() - start;
}

test("one test from click to result, beside pytest on it", { timeout: 1_800_000 }, async ({ machine }) => {
  await installPytest(await machine.makeEnvironment("shop/.venv"));
  const flag = machine.folder("flag");
  await machine.write("shop/pytest.ini", "[pytest]\n");
  // Its state alternates, so that what is shown cannot be that of the round before.
  const source = `import os\n\n\ndef ${NAME}():\n    assert os.path.exists(${JSON.stringify(flag)})\n`;
  await machine.write("shop/test_shop.py", source);
  const workbench = await machine.open(machine.folder("shop"), uncompiled);
  const view = new TestingView(workbench);
  await view.open();
  await view.expand("shop");
  await view.expand("test_shop.py");
  await view.says(new RegExp(NAME));

  const click = [] as number[];
  const pytest = [] as number[];
  for (let round = -warmUp; round < rounds; round += 1) {
    const passes = (round + warmUp) % 2 === 0;
    await (passes ? writeFile(flag, "") : rm(flag));
    const alone = await byPytest(machine.folder("shop"), passes ? 0 : 1);
    const whole = await clicked(workbench, view, passes ? "Passed" : "Failed");
    if (round >= 0) {
      click.push(whole);
      pytest.push(alone);
    }
  }
  await keep({
    "one test, from click to result": { unit: "ms", values: click },
    "pytest, one test": { unit: "ms", values: pytest },
    "one test, from click to result, more": { unit: "ms", values: click.map((one, at) => one - (pytest[at] ?? 0)) },
  });
});
