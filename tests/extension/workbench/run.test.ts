import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";

import { Debugger, terminalAsText, terminalText } from "./harness/debugger.ts";
import { expect, type Machine, shown, test, type Workbench, workflowServer } from "./harness/index.ts";

/** Writes beside itself which environment it ran in, from which folder. */
const REPORT = `import os, sys
with open(__file__ + ".txt", "w") as file:
    file.write("|".join([sys.prefix, os.environ["VIRTUAL_ENV"], os.environ["PATH"].split(":")[0], os.getcwd()]))
print("ran", os.path.basename(sys.prefix))
`;

/** What a file says that it ran in, when its environment's folder is `.venv` in the project. */
function inOwn(machine: Machine, project: string, cwd = machine.folder(project)): string {
  const prefix = machine.folder(project, ".venv");
  return [prefix, prefix, `${prefix}/bin`, cwd].join("|");
}

/** Blank lines within, and a value that an older REPL shows too. */
const LINES = `import os, sys
def says():
    """Blank lines.

    """

    return os.path.basename(sys.prefix)

"said " + says()
`;

async function reported(file: string): Promise<string> {
  return readFile(`${file}.txt`, "utf8").catch(() => "");
}

/** Opens a file, and waits until it is the one that commands are about. */
async function openShown(workbench: Workbench, file: string): Promise<void> {
  await workbench.openFile(file);
  const name = encodeURIComponent(file.slice(file.lastIndexOf("/") + 1)).replaceAll("'", "%27");
  await workbench.page.locator(`.editor-group-container.active .monaco-editor[data-uri$="${name}"] .view-line`).first().waitFor();
}

test("a file runs in its own environment: as a task, in a terminal where one can go on, and by lines in a REPL", async ({ machine }) => {
  for (const project of ["one", "two", "one/nested"]) {
    await machine.makeEnvironment(`${project}/.venv`);
    await machine.write(`${project}/pyproject.toml`, '[project]\nname = "x"\nversion = "1"\n');
  }
  const [one, two, nested] = [
    await machine.write("one/first.py", REPORT),
    await machine.write("two/it's second.py", REPORT),
    await machine.write("one/nested/third.py", REPORT),
  ];
  await machine.write("bare/fourth.py", REPORT);
  await machine.makeEnvironment("elsewhere/.venv");
  const outside = await machine.write("elsewhere/fifth.py", REPORT);
  const folders = ["one", "two", "bare"].map((name) => machine.folder(name));
  const workbench = await machine.open(await machine.writeWorkspace("all", folders), { settings: terminalAsText });

  await openShown(workbench, one);
  await workbench.showsStatus(/^\.venv/);
  await workbench.page.locator(".editor-actions").getByLabel("Run Python File", { exact: true }).click();
  await expect.poll(async () => reported(one), shown).toBe(inOwn(machine, "one"));
  await workbench.screenshot("run-file");

  await openShown(workbench, two);
  await workbench.run("Python Workflow: Run in Terminal");
  await expect.poll(async () => reported(two), shown).toBe(inOwn(machine, "two"));
  await expect.poll(async () => terminalText(workbench), shown).toContain("ran .venv");
  await workbench.screenshot("run-in-terminal");

  await openShown(workbench, nested);
  await workbench.run("Python Workflow: Run Python File");
  await expect.poll(async () => reported(nested), shown).toBe(inOwn(machine, "one/nested"));
  await machine.remove("one/nested/third.py.txt");
  await workbench.run("Python Workflow: Run in Terminal");
  await expect.poll(async () => reported(nested), shown).toBe(inOwn(machine, "one/nested"));
  await workbench.screenshot("run-in-terminal-nested");

  await openShown(workbench, await machine.write("two/lines.py", LINES));
  await workbench.page.keyboard.press("Control+a");
  await workbench.page.keyboard.press("Shift+Enter");
  await expect.poll(async () => terminalText(workbench), shown).toContain("'said .venv'");
  await workbench.screenshot("run-in-repl");
  await workbench.page.keyboard.press("Control+Home");
  await workbench.page.keyboard.press("Shift+Enter");
  await expect.poll(async () => terminalText(workbench), shown).toMatch(/said .venv'[^]*import os, sys/);

  await openShown(workbench, machine.folder("bare", "fourth.py"));
  await workbench.run("Python Workflow: Debug Python File");
  await workbench.toast("Can't run fourth.py: bare has no Python environment.").waitFor();
  await workbench.screenshot("run-without-environment");
  await workbench.pressToastButton("Can't run fourth.py: bare has no Python environment.", "Select Interpreter");
  await workbench.pick.opened();
  await workbench.pick.cancel();

  await openShown(workbench, outside);
  await workbench.run("Python Workflow: Run Python File");
  await workbench.toast(/To run .*, open its folder first/).waitFor();
  expect(await reported(outside)).toBe("");
});

test("in a window without a folder a file runs and is debugged, and nothing else of its folder is started", { tags: ["slow"] }, async ({ machine }) => {
  const trace = machine.folder("was-run");
  await machine.makeEnvironment("project/.venv");
  await machine.write("project/pyproject.toml", '[workflow]\nwsp = {script = "serve.py"}\n');
  await machine.write("project/serve.py", workflowServer({ first: `open(${JSON.stringify(trace)}, "w").close()` }));
  const main = await machine.write("project/main.py", REPORT);
  const bare = await machine.write("bare/alone.py", "def stopped():\n    return 1\n\n\nstopped()\n");
  const workbench = await machine.open(undefined, { settings: terminalAsText });
  const debug = new Debugger(workbench);

  await openShown(workbench, main);
  await workbench.showsStatus(/^\.venv/);
  await workbench.run("Python Workflow: Run Python File");
  await expect.poll(async () => reported(main), shown).toBe(inOwn(machine, "project", machine.home));
  await workbench.screenshot("run-without-folder");
  await machine.remove("project/main.py.txt");
  await workbench.run("Python Workflow: Run in Terminal");
  await expect.poll(async () => reported(main), shown).toBe(inOwn(machine, "project", machine.home));

  // Beside this one there is no environment: the machine's Python serves.
  await debug.breakAt(bare, 2);
  await workbench.run("Python Workflow: Debug Python File");
  await debug.stopsIn("stopped");
  await workbench.screenshot("debug-without-folder");
  await debug.goOn();
  await debug.ends();
  expect(existsSync(trace)).toBe(false);
});
