/** A working day in one window. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";

import { Debugger, terminalAsText, terminalText } from "./harness/debugger.ts";
import { expect, paths, shown, test, type Workbench } from "./harness/index.ts";
import { Terminal } from "./harness/terminal.ts";
import { installPytest, TestingView } from "./harness/testing.ts";

const FEWEST_STEPS = 50;

const PROGRAM = `import os, sys


def double(number):
    return 2 * number


with open(__file__ + ".txt", "a") as file:
    file.write(os.path.basename(sys.prefix) + "\\n")
print("answer", double(21))
`;

const SCRIPT = `# /// script
# requires-python = ">=3.10"
# dependencies = []
# ///
import sys
open(__file__ + ".txt", "a").write(sys.prefix + "\\n")
`;

const TESTS = `def test_right():
    assert True


def test_wrong():
    assert 1 + 1 == 3
`;

/** A project of uv's that depends on `packages`. */
function project(...packages: readonly string[]): string {
  return `[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.10"\ndependencies = ${JSON.stringify(packages)}\n\n[tool.uv]\npackage = false\n`;
}

/** What the log says above "info". */
async function complaints(workbench: Workbench): Promise<readonly string[]> {
  return (await workbench.log()).split("\n").filter((line) => /^\S+ \S+ \[(?:warning|error)\]/.test(line));
}

test("fifty steps of a working day leave not a word above info in the log", { timeout: 1_200_000 }, async ({ machine }) => {
  await machine.addProgram("uv", paths.tools["uv"] ?? "");
  await machine.write("../.bashrc", "PS1='$ '\n");
  await machine.write("shop/pyproject.toml", project());
  const main = await machine.write("shop/main.py", PROGRAM);
  const tool = await machine.write("shop/tool.py", SCRIPT);
  const cases = await machine.write("shop/tests/test_cases.py", TESTS);
  await machine.write("shop/pytest.ini", "[pytest]\n");
  const nested = await machine.write("shop/plugins/nested.py", PROGRAM);
  await machine.write("shop/plugins/pyproject.toml", '[project]\nname = "plugins"\nversion = "1"\n');
  await machine.makeEnvironment("shop/plugins/.venv");
  const note = await machine.write("notes/note.py", PROGRAM);
  await machine.makeEnvironment("notes/.venv");
  await machine.makeEnvironment("notes/envs/other");
  await machine.write("notes/.python-envs", "envs/other\n.venv\n");
  const guest = await machine.write("guest/guest.py", PROGRAM);
  await machine.makeEnvironment("guest/venv");
  const [shop, notes] = [machine.folder("shop"), machine.folder("notes")];

  const workbench = await machine.open(await machine.writeWorkspace("day", [shop, notes]), { settings: terminalAsText });
  const { page, pick, view } = workbench;
  const debug = new Debugger(workbench);
  const terminal = new Terminal(machine, workbench);
  const testing = new TestingView(workbench);
  const runs = async (file: string): Promise<number> =>
    (await readFile(`${file}.txt`, "utf8").catch(() => "")).split("\n").length - 1;
  let steps = 0;
  /** Do something; the first complaint of the log names what led to it. */
  const step = async (name: string, act: () => Promise<unknown>): Promise<void> => {
    await act();
    steps += 1;
    expect(await complaints(workbench), `${steps}: ${name}`).toEqual([]);
  };
  const status = async (text: RegExp): Promise<void> => workbench.showsStatus(text);
  const open = async (file: string, text: RegExp): Promise<void> => {
    await workbench.openFile(file);
    await status(text);
  };
  const command = async (title: string): Promise<void> => workbench.run(`Python Workflow: ${title}`);
  const runFile = async (file: string): Promise<void> => {
    const before = await runs(file);
    await command("Run Python File");
    await expect.poll(async () => runs(file), shown).toBe(before + 1);
  };

  // The morning: a project without an environment.
  await step("open a file", async () => workbench.openFile(main));
  await step("create the environment that is offered", async () => {
    await workbench.pressToastButton("No Python environment in shop", "Create Environment");
    await pick.choose(/Quick create/);
    await status(/^\.venv/);
  });
  await step("read why", async () => workbench.showsWhy(".venv"));
  await step("close the reasons", async () => workbench.run("View: Close All Editors"));
  await step("open the file again", async () => open(main, /^\.venv/));
  await step("run it", async () => runFile(main));
  await step("run it again", async () => runFile(main));
  await step("run it in a terminal", async () => {
    await command("Run in Terminal");
    await expect.poll(async () => runs(main), shown).toBe(3);
  });
  await step("run a line in the REPL", async () => {
    await workbench.openFile(main);
    await page.keyboard.press("Control+Home");
    await page.keyboard.press("Shift+Enter");
    await expect.poll(async () => terminalText(workbench), shown).toContain("import os, sys");
  });
  await step("debug it", async () => {
    await workbench.openFile(main);
    await debug.breakAt(main, 5);
    await command("Debug Python File");
    await debug.stopsIn("double");
  });
  await step("look at a variable", async () => expect.poll(async () => debug.locals(), shown).toContain("number = 21"));
  await step("go on to the end", async () => {
    await debug.goOn();
    await debug.ends();
  });
  await step("check the environment", async () => {
    await command("Check Environment");
    await workbench.toast(".venv is up to date").first().waitFor();
  });
  await step("add a dependency by hand", async () => {
    await machine.write("shop/pyproject.toml", project("iniconfig"));
    await expect.poll(async () => workbench.status.tooltip(), shown).toMatch(/Out of date: uv\.lock/);
  });
  await step("sync", async () => {
    await command("Sync Environment");
    await expect.poll(async () => workbench.status.tooltip(), shown).not.toMatch(/Out of date/);
  });
  await step("close what was said", async () => workbench.run("Notifications: Clear All Notifications"));

  // Before noon: packages, and the view.
  await step("open the view", async () => {
    await view.open();
    await view.row("shop").waitFor({ timeout: shown.timeout });
  });
  await step("install a package", async () => {
    await command("Install Packages...");
    await expect.poll(async () => pick.message(), shown).toContain("Packages to install");
    await pick.enter("six");
    await workbench.toast(/six \d.* installed/).waitFor({ timeout: shown.timeout });
  });
  await step("uninstall it", async () => {
    await command("Uninstall Package...");
    await pick.tick(/six/);
    await pick.accept();
    await workbench.toast(/six \d.* removed/).waitFor({ timeout: shown.timeout });
  });
  await step("refresh the view", async () => command("Refresh Environments"));
  await step("open a nested project's file", async () => open(nested, /^\.venv/));
  await step("run it", async () => runFile(nested));
  await step("open a file of the other folder", async () => open(note, /^\.venv/));
  await step("run it", async () => runFile(note));
  await step("select another interpreter", async () => {
    await command("Select Interpreter");
    await pick.choose(/^\s*other/);
    await status(/^other/);
  });
  await step("run it there", async () => {
    await runFile(note);
    expect(await readFile(`${note}.txt`, "utf8")).toBe(".venv\nother\n");
  });
  await step("open a terminal there", async () => terminal.open({ folder: "notes", environment: machine.folder("notes", "envs", "other") }));
  await step("work in it", async () => {
    expect((await terminal.state()).python).toBe(machine.folder("notes", "envs", "other", "bin", "python"));
  });
  await step("go back to the first interpreter", async () => {
    await workbench.openFile(note);
    await command("Clear Selection");
    await status(/^\.venv/);
  });
  await step("read why", async () => workbench.showsWhy(".python-envs"));
  await step("close everything", async () => workbench.run("View: Close All Editors"));

  // The afternoon: tests.
  await installPytest(machine.folder("shop", ".venv"));
  await step("open the tests", async () => {
    await workbench.openFile(cases);
    await testing.open();
    await testing.expand("shop");
    await testing.says(/tests/);
  });
  await step("run them", async () => {
    await workbench.run("Test: Run All Tests");
    await testing.expand("tests");
    await testing.expand("test_cases.py");
    await testing.says(/test_wrong \(Failed/);
  });
  await step("mend the one that fails", async () => {
    await machine.write("shop/tests/test_cases.py", TESTS.replace("3", "2"));
    await workbench.openFile(cases);
    await expect.poll(async () => workbench.editorText(), shown).toContain("1 + 1 == 2");
    await workbench.run("Test: Run All Tests");
    await testing.says(/test_wrong \(Passed/);
  });
  await step("open a script", async () => workbench.openFile(tool));
  await step("run it above its block", async () => {
    await page.locator(".codelens-decoration a").getByText("Run Script").click();
    await expect.poll(async () => runs(tool), shown).toBe(1);
    await status(/^tool\.py/);
  });
  await step("go back to the program", async () => open(main, /^\.venv/));
  await step("copy diagnostics", async () => {
    await command("Copy Diagnostics");
    await workbench.toast("Diagnostics copied").waitFor();
  });
  await step("close what was said", async () => workbench.run("Notifications: Clear All Notifications"));

  // Before the evening: folders come and go, environments too.
  await step("add a folder", async () => {
    await machine.writeWorkspace("day", [shop, notes, machine.folder("guest")]);
    await open(guest, /^venv/);
  });
  await step("run its file", async () => runFile(guest));
  await step("delete its environment", async () => {
    await command("Delete Environment...");
    await workbench.pressDialogButton(/venv/, "Delete");
    await expect.poll(() => existsSync(machine.folder("guest", "venv")), shown).toBe(false);
  });
  await step("create another", async () => {
    await command("Quick Create Environment");
    await status(/^\.venv/);
  });
  await step("recreate it", async () => {
    await command("Recreate Environment");
    await workbench.pressDialogButton(/\.venv/, "Recreate");
    await workbench.toast(/\.venv/).first().waitFor();
    await status(/^\.venv/);
  });
  await step("take the folder away", async () => {
    await machine.writeWorkspace("day", [shop, notes]);
    await open(main, /^\.venv/);
  });
  await step("prefer a workflow", async () => {
    await command("Set My Preferred Workflow...");
    await pick.choose("uv");
    await pick.choose("In this editor");
    await pick.choose("In every project");
    await workbench.showsWhy("Workflow: uv (rule W3)");
    await workbench.run("View: Close All Editors");
  });
  await step("prefer none", async () => {
    await command("Stop Following My Workflow...");
    await workbench.toast("Removed: uv, in this editor.").waitFor();
    await open(main, /^\.venv/);
  });
  await step("choose a workflow for the folder", async () => {
    await command("Choose Workflow for This Folder...");
    await pick.fill("venv");
    await pick.choose(/^venv/);
    await workbench.showsWhy("Workflow: venv (rule W1)");
    await workbench.run("View: Close All Editors");
    await workbench.openFile(main);
  });
  await step("follow the project again", async () => {
    await command("Follow This Project's Workflow Here");
    await workbench.showsWhy("Workflow: uv");
    await workbench.run("View: Close All Editors");
    await workbench.openFile(main);
  });
  await step("run the program once more", async () => runFile(main));
  await step("load the window again", async () => {
    await workbench.reload();
    await status(/^\.venv/);
  });
  await step("open the other folder's file", async () => open(note, /^\.venv/));

  await workbench.screenshot("day");
  expect(steps).toBeGreaterThanOrEqual(FEWEST_STEPS);
});
