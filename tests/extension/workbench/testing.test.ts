import { existsSync } from "node:fs";

import { Debugger } from "./harness/debugger.ts";
import { expect, shown, test } from "./harness/index.ts";
import { installPytest, TestingView } from "./harness/testing.ts";

const SHOP = `import pytest


def double(number):
    return 2 * number


@pytest.mark.parametrize("number", [1, 2])
def test_double(number):
    result = double(number)
    assert result == 2
`;

const CASES = `import sys


def test_version():
    print(sys.prefix)
    assert not sys.prefix.endswith("other")
`;

test("tests are found, run, shown where they fail, run in all environments, and debugged", async ({ machine }) => {
  for (const name of [".venv", "other"]) {
    await installPytest(await machine.makeEnvironment(`shop/${name}`));
  }
  await machine.write("shop/pytest.ini", "[pytest]\n");
  await machine.write("shop/tests/test_cases.py", CASES);
  const file = await machine.write("shop/tests/test_shop.py", SHOP);
  const workbench = await machine.open(machine.folder("shop"));
  const view = new TestingView(workbench);
  const debug = new Debugger(workbench);
  await workbench.showsStatus(/^\.venv/);
  await view.open();
  for (const label of ["shop", "tests", "test_cases.py", "test_shop.py"]) {
    await view.expand(label);
  }
  await view.says(/test_version[^]*test_double/);
  await workbench.screenshot("testing-found");

  await workbench.openFile(file);
  await workbench.run("Test: Run All Tests");
  await view.says(/test_version \(Passed/);
  await view.says(/test_double \(Failed/);
  await workbench.page.locator(".test-message-inline-content, .test-error-content-widget").first().waitFor({ timeout: shown.timeout });
  await workbench.screenshot("testing-failed");

  await view.press("test_version", "Run Test");
  await workbench.page.locator(".part.sidebar").getByText("1/1").waitFor();

  await view.runUsing("shop", "Run in All Environments");
  await view.says(/test_version \(Failed/);
  await workbench.screenshot("testing-all");

  await debug.breakAt(file, 10);
  await workbench.run("Test: Debug Test at Cursor");
  await debug.stopsIn("test_double");
  await expect.poll(async () => debug.locals(), shown).toContain("number = 1");
  await workbench.screenshot("testing-debug");
  await workbench.run("Debug: Stop");
  await debug.ends();
});

test("without trust tests are shown from source and nothing runs", { tags: ["slow"] }, async ({ machine }) => {
  const trace = machine.folder("was-run");
  await installPytest(await machine.makeEnvironment("shop/.venv"));
  await machine.write("shop/conftest.py", `open(${JSON.stringify(trace)}, "w").close()\n`);
  await machine.write("shop/test_shop.py", SHOP);
  const workbench = await machine.open(machine.folder("shop"), { trust: "restricted" });
  const view = new TestingView(workbench);
  await workbench.showsStatus(/^\.venv/);

  await view.open();
  await view.expand("test_shop.py");
  await view.says(/test_double/);
  await workbench.screenshot("testing-restricted");
  await workbench.run("Test: Run All Tests");
  // The editor itself asks before it runs a test.
  await workbench.dialog(/trust/i).waitFor();
  await workbench.page.keyboard.press("Escape");
  await workbench.dialog(/trust/i).waitFor({ state: "hidden" });
  expect(existsSync(trace)).toBe(false);

  await workbench.trust();
  await expect.poll(() => existsSync(trace), shown).toBe(true);
});
