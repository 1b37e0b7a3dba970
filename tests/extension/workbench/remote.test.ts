import { terminalAsText, terminalText } from "./harness/debugger.ts";
import { expect, shown, test } from "./harness/index.ts";
import { FOLDER_THERE, OtherMachine } from "./harness/otherMachine.ts";
import { Terminal } from "./harness/terminal.ts";
import { EnvironmentView } from "./harness/view.ts";

/** Says there where it runs, and in which environment. */
const REPORT = `import os, sys
line = f"ran {os.getcwd()} {os.path.basename(sys.prefix)}"
print(line)
print(line, file=open("/srv/app/runs", "a"))
`;

test("an environment on another machine is shown as remote, and terminals, files and a REPL run there", { tags: ["slow"] }, async ({ machine, task, skip }) => {
  await using other = await OtherMachine.reachableFrom(machine, { task, skip });
  await other.run(`/opt/python/bin/python3 -m venv --without-pip ${FOLDER_THERE}/.venv`);
  await other.write(`${FOLDER_THERE}/jobs/report.py`, REPORT);
  await other.govern(machine, machine.folder("app"), "venv");
  const file = await machine.write("app/jobs/report.py", "raise SystemExit('the one of this machine')\n");
  const workbench = await machine.open(machine.folder("app"), { settings: terminalAsText });
  await workbench.showsStatus(/^\.venv/);
  const view = new EnvironmentView(workbench.page);
  await view.open();
  await expect.poll(async () => (await view.rows()).join("\n"), shown).toMatch(/\.venv .*default, remote/);
  expect(await view.icon(".venv")).toBe("remote");
  await workbench.screenshot("remote");

  const ran = `ran ${FOLDER_THERE} .venv\n`;
  const runs = async (): Promise<string> => other.read(`${FOLDER_THERE}/runs`).catch(() => "");
  await workbench.openFile(file);
  await workbench.run("Python Workflow: Run Python File");
  await expect.poll(runs, shown).toBe(ran);
  await expect.poll(async () => terminalText(workbench), shown).toContain(ran.trim());
  await workbench.run("Python Workflow: Run in Terminal");
  await expect.poll(runs, shown).toBe(ran.repeat(2));

  await workbench.run("Python Workflow: New Terminal in Environment");
  const terminal = new Terminal(machine, workbench);
  await terminal.ready();
  await terminal.enter("python jobs/report.py");
  await expect.poll(runs, shown).toBe(ran.repeat(3));
  await workbench.screenshot("remote-terminal");

  await workbench.run("Python Workflow: Start Python REPL");
  await terminal.ready(undefined, />>> *$/);
  await terminal.enter("exec(open('jobs/report.py').read())");
  await expect.poll(runs, shown).toBe(ran.repeat(4));

  await workbench.run("Python Workflow: Debug Python File");
  await workbench.toast(/on another machine, where this can't be done from here/).waitFor();
  await expect(workbench.toast(/No Python environment/).count()).resolves.toBe(0);
});
