import { existsSync } from "node:fs";

import { expect, type Machine, minor, paths, pythonsOf, shown, test, type Workbench } from "./harness/index.ts";
import { installPytest, TestingView } from "./harness/testing.ts";

const SHOP = `def double(number):
    if number > 100:
        return 0
    return 2 * number
`;

const TEST_SHOP = `from shop import double


def test_double():
    assert double(2) == 4
`;

/** A project at `name` whose environment has pytest, and its files. */
async function project(machine: Machine, name: string, files: Readonly<Record<string, string>>, ...packages: readonly string[]): Promise<void> {
  await installPytest(await machine.makeEnvironment(`${name}/.venv`), ...packages);
  await machine.write(`${name}/pytest.ini`, "[pytest]\n");
  for (const [file, text] of Object.entries(files)) {
    await machine.write(`${name}/${file}`, text);
  }
}

/** Open the Testing view, and its rows one below the other. */
async function testsOf(workbench: Workbench, ...labels: readonly string[]): Promise<TestingView> {
  const view = new TestingView(workbench);
  await view.open();
  for (const label of labels) {
    await view.expand(label);
  }
  return view;
}

/** Write a line at the end of the file that is open, and save it, as a person does. */
async function addLine(workbench: Workbench, line: string): Promise<void> {
  const { keyboard } = workbench.page;
  await workbench.page.locator(".editor-group-container.active .monaco-editor .view-lines").first().click();
  await keyboard.press("Control+End");
  await keyboard.type(`${line}\n`);
  await keyboard.press("Control+s");
}

test("a run with coverage shows what was covered, in its view and beside the lines", async ({ machine }) => {
  await project(machine, "shop", { "shop.py": SHOP, "test_shop.py": TEST_SHOP }, "coverage");
  const workbench = await machine.open(machine.folder("shop"));
  const view = await testsOf(workbench, "shop", "test_shop.py");

  await view.press("test_shop.py", "Run Test with Coverage");
  await view.says(/test_double \(Passed/);
  const covered = workbench.page.locator(".test-coverage-list-item, .testing-coverage-list .monaco-list-row", { hasText: "shop.py" });
  await covered.first().waitFor({ timeout: shown.timeout });
  await workbench.screenshot("testing-coverage-view");
  await workbench.openFile(machine.folder("shop", "shop.py"));
  await workbench.run("Test: Toggle Inline Coverage");
  await workbench.page.locator(".coverage-deco-gutter.coverage-deco-hit").first().waitFor();
  await workbench.page.locator(".coverage-deco-gutter.coverage-deco-miss").first().waitFor();
  await workbench.screenshot("testing-coverage-lines");
});

test("tests that run continuously run again when a file is saved, and show what became of them", async ({ machine }) => {
  await project(machine, "shop", { "shop.py": SHOP, "test_shop.py": TEST_SHOP });
  const workbench = await machine.open(machine.folder("shop"));
  const view = await testsOf(workbench, "shop", "test_shop.py");
  await view.press("test_shop.py", "Turn on Continuous Run");
  await workbench.screenshot("testing-continuous-on");

  await workbench.openFile(machine.folder("shop", "shop.py"));
  await addLine(workbench, "double = abs");
  await view.says(/test_double \(Failed/);
  await workbench.screenshot("testing-continuous-failed");
  await addLine(workbench, "double = (2).__mul__");
  await view.says(/test_double \(Passed/);
});

test("a test has an icon beside its line that runs it", async ({ machine }) => {
  await project(machine, "shop", { "shop.py": SHOP, "test_shop.py": TEST_SHOP });
  const workbench = await machine.open(machine.folder("shop"));
  await workbench.openFile(machine.folder("shop", "test_shop.py"));
  const icon = workbench.page.locator(".glyph-margin-widgets .testing-run-glyph").first();
  await icon.waitFor({ timeout: shown.timeout });
  await workbench.screenshot("testing-gutter");

  await icon.click();
  await workbench.page.locator(".glyph-margin-widgets .codicon-testing-passed-icon").waitFor({ timeout: shown.timeout });
  const view = await testsOf(workbench, "shop", "test_shop.py");
  await view.says(/test_double \(Passed/);
  await workbench.screenshot("testing-gutter-passed");
});

test("a failure shows what was expected beside what came, and its output at its line", async ({ machine }) => {
  const failing = TEST_SHOP.replace("    assert", '    print("two is doubled")\n    assert').replace("4", "5");
  await project(machine, "shop", { "shop.py": SHOP, "test_shop.py": failing });
  const workbench = await machine.open(machine.folder("shop"));
  await workbench.openFile(machine.folder("shop", "test_shop.py"));
  await workbench.page.locator(".glyph-margin-widgets .testing-run-glyph").first().click({ timeout: shown.timeout });
  const message = workbench.page.locator(".test-message-inline-content, .test-error-content-widget").first();
  await message.waitFor({ timeout: shown.timeout });
  await expect.poll(async () => workbench.editorText(), shown).toMatch(/def test_double\(\):.*two is doubled/);
  await workbench.screenshot("testing-failure-line");

  await workbench.page.locator(".test-error-content-widget").first().click();
  const peek = workbench.page.locator(".test-output-peek");
  await peek.locator(".monaco-diff-editor .original .view-line", { hasText: "5" }).waitFor();
  await peek.locator(".monaco-diff-editor .modified .view-line", { hasText: "4" }).waitFor();
  await workbench.screenshot("testing-failure-sides");
});

test("a window with 5,000 tests lists them, and answers meanwhile", async ({ machine }) => {
  const many = Array.from({ length: 50 }, (_, index) => `def test_${index}():\n    pass\n`).join("\n\n");
  const files = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`tests/test_file_${index}.py`, many]));
  await project(machine, "large", { ...files, "notes.txt": "" });
  const workbench = await machine.open(machine.folder("large"));
  const view = new TestingView(workbench);
  await view.open();
  await workbench.openFile(machine.folder("large", "notes.txt"));
  await workbench.page.keyboard.type("typed meanwhile");
  await expect.poll(async () => workbench.editorText(), shown).toContain("typed meanwhile");
  await workbench.showsWhy(/\.venv/);

  for (const label of ["large", "tests", "test_file_0.py"]) {
    await view.expand(label);
  }
  await view.says(/test_0[^]*test_10/);
  await workbench.screenshot("testing-5000");
  await workbench.run("Test: Run All Tests");
  await workbench.page.locator(".part.sidebar").getByText("5000/5000").waitFor({ timeout: shown.timeout });
  await workbench.screenshot("testing-5000-run");
});

// tox makes three environments first.
test("one click runs the tests of a tox project on three Pythons, and shows each", { timeout: 480_000 }, async ({
  machine,
  skip,
  task,
}) => {
  const pythons = pythonsOf({ skip, task }, 3).slice(0, 3);
  for (const python of pythons) {
    await machine.addProgram(`python${minor(python)}`, python);
  }
  await machine.addProgram("tox", paths.tools["tox"] ?? "");
  const names = pythons.map((python) => `py${minor(python).replace(".", "")}`);
  await machine.write(
    "shop/tox.ini",
    `[tox]\nno_package = true\nenv_list = ${names.join(", ")}\n\n[testenv]\ncommands = pytest {posargs}\n`,
  );
  await machine.write("shop/test_shop.py", "import sys\n\n\ndef test_version():\n    assert sys.version_info[:2] == (3, 0)\n");
  await machine.write("shop/.git/HEAD", "");
  for (const name of names) {
    await machine.wsp("env", "create", name, "--workflow", "tox", "--folder", machine.folder("shop"));
    await installPytest(machine.folder("shop", ".tox", name));
  }
  const workbench = await machine.open(machine.folder("shop"));
  const view = await testsOf(workbench, "shop", "test_shop.py");
  await view.runUsing("test_version", "Run in All Environments");
  await view.says(/test_version \(Failed/);
  const results = workbench.page.locator(".test-output-peek-tree, .test-output-peek-message-container");
  for (const name of names) {
    await results.getByText(name).first().waitFor();
  }
  await workbench.screenshot("testing-tox");
});

test("the tests of two folders are found and run, each in its own environment", async ({ machine }) => {
  const test_own = "import sys\n\n\ndef test_NAME():\n    assert '/NAME/.venv' in sys.prefix\n";
  for (const name of ["shop", "store"]) {
    await project(machine, name, { [`test_${name}.py`]: test_own.replaceAll("NAME", name) });
  }
  const workspace = await machine.writeWorkspace("both", [machine.folder("shop"), machine.folder("store")]);
  const workbench = await machine.open(workspace);
  const view = await testsOf(workbench, "shop", "test_shop.py", "store", "test_store.py");
  await view.says(/test_shop[^]*test_store/);
  await workbench.run("Test: Run All Tests");
  await view.says(/test_shop \(Passed/);
  await view.says(/test_store \(Passed/);
  await workbench.screenshot("testing-many-roots");
});

test("a file that is saved while its tests run changes the next run, and this one comes to its end", async ({ machine }) => {
  const begun = machine.folder("begun");
  const gate = machine.folder("gate");
  const slow = [
    ...["import os", "import time", "", "", "def test_waits():", `    open(${JSON.stringify(begun)}, "w").close()`],
    ...[`    while not os.path.exists(${JSON.stringify(gate)}):`, "        time.sleep(0.05)", "", ""],
    ...["def test_after():", "    pass", ""],
  ].join("\n");
  await project(machine, "shop", { "test_shop.py": slow });
  const workbench = await machine.open(machine.folder("shop"));
  const view = await testsOf(workbench, "shop", "test_shop.py");
  await view.says(/test_after/);
  await workbench.openFile(machine.folder("shop", "test_shop.py"));
  await workbench.run("Test: Run All Tests");
  await expect.poll(() => existsSync(begun), shown).toBe(true);
  await addLine(workbench, "\n\ndef test_new():\nassert False");
  await view.says(/test_new/);
  await workbench.screenshot("testing-saved-meanwhile");
  await machine.write("gate");
  await view.says(/test_waits \(Passed/);
  await view.says(/test_after \(Passed/);
  await view.says(/test_new \(Not yet run/);
  await workbench.run("Test: Run All Tests");
  await view.says(/test_new \(Failed/);
});
