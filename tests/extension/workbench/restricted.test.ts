import { existsSync, readFileSync } from "node:fs";
import { chmod, readFile, rm } from "node:fs/promises";

import type { Locator } from "playwright-core";

import { authored } from "./harness/extensions.ts";
import { expect, type Machine, shown, test, type Workbench, workflowServer } from "./harness/index.ts";
import manifest from "../../../package.json" with { type: "json" };
import texts from "../../../package.nls.json" with { type: "json" };

/** Commands that run something of the folder: each says why it does not, with the way to trust. */
const ACTING = [
  "checkEnvironment",
  "createEnvironment",
  "debugFile",
  "deleteEnvironment",
  "installPackages",
  "installPython",
  "installTool",
  "managePackages",
  "newProject",
  "newTerminal",
  "prepareScript",
  "quickCreateEnvironment",
  "recreateEnvironment",
  "runFile",
  "runInTerminal",
  "runSelection",
  "runTool",
  "setToolInterpreters",
  "startRepl",
  "syncEnvironment",
  "uninstallPackage",
  "uninstallTool",
  "upgradeTools",
];

/** Commands that read, show, or change what is the user's own. */
const HARMLESS = [
  "chooseWorkflow",
  "clearSelection",
  "copyDiagnostics",
  "copyEnvironmentPath",
  "copyInterpreterPath",
  "followProject",
  "newScript",
  "openEnvironmentFolder",
  "openWalkthrough",
  "refreshEnvironments",
  "removeToolInterpreters",
  "restartHelper",
  "selectInterpreter",
  "setPreferredWorkflow",
  "showLog",
  "stopPreferring",
  "whyInterpreter",
];

/** Commands of the view's rows: without trust it has none. */
const OF_ROWS = ["deleteFocusedRow", "showFileProblem", "showMachinePythons", "useEnvironment"];

const title = (name: string): string =>
  `Python Workflow: ${texts[`command.${name}` as keyof typeof texts]}`;

/** A project in which everything that could be run leaves a trace. Resolves with the file of that. */
async function plantTraps(machine: Machine): Promise<string> {
  const trace = machine.folder("was-run");
  await machine.makeEnvironment("project/.venv");
  for (const name of ["python", "python3"]) {
    const program = machine.folder("project", ".venv", "bin", name);
    await rm(program);
    await machine.write(`project/.venv/bin/${name}`, `#!/bin/sh\ntouch ${trace}\n`);
    await chmod(program, 0o755);
  }
  await machine.write("project/pyproject.toml", '[project]\nname = "project"\nversion = "1"\n\n[workflow]\nwsp = {script = "serve.py"}\n');
  await machine.write("project/serve.py", workflowServer({ first: `open(${JSON.stringify(trace)}, "w").close()` }));
  await machine.write("project/main.py", "# /// script\n# dependencies = []\n# ///\n");
  const launch = { type: "pythonWorkflow", request: "launch", name: "Main", program: "main.py" };
  await machine.write("project/.vscode/launch.json", JSON.stringify({ configurations: [launch] }));
  return trace;
}

/** Runs a command that has to say why it does nothing. Resolves with what it said. */
async function isRefused(workbench: Workbench, name: string): Promise<Locator> {
  const toast = workbench.toast(/Trust this workspace|is not trusted/).first();
  // Of several notifications within a second VS Code shows some behind the bell alone.
  const isShown = async (): Promise<boolean> => {
    await workbench.run(title(name));
    return toast.waitFor({ timeout: 5_000 }).then(() => true, () => false);
  };
  await expect.poll(isShown, shown).toBe(true);
  await toast.locator(".monaco-button", { hasText: "Manage Workspace Trust" }).waitFor();
  return toast;
}

/** The command line and the variables of each process of VS Code's. */
function processes(workbench: Workbench): readonly string[] {
  return workbench.server.processes("").flatMap(({ command, pid }) => {
    try {
      return `${command} ${readFileSync(`/proc/${pid}/environ`, "utf8")}`;
    } catch {
      return []; // ended meanwhile
    }
  });
}

test("every command is known to act or to be harmless without trust", () => {
  const names = manifest.contributes.commands.map(({ command }) => command.replace("pythonWorkflow.", ""));

  expect([...ACTING, ...HARMLESS, ...OF_ROWS].sort()).toEqual(names.sort());
});

test("in restricted mode nothing of the folder runs, nobody is told of it, and whatever is asked for says why", async ({
  machine,
}) => {
  const trace = await plantTraps(machine);
  const observer = await authored(machine, "observer");
  const workbench = await machine.open(machine.folder("project"), { extensions: [observer], trust: "restricted" });
  await workbench.openFile(machine.folder("project", "main.py"));
  await workbench.showsStatus(/^\.venv/);
  await expect.poll(() => workbench.helperPids(), shown).toHaveLength(1);
  await workbench.screenshot("restricted-mode");

  for (const name of ACTING) {
    const refused = await isRefused(workbench, name);
    if (name === "createEnvironment") {
      await workbench.screenshot("restricted-mode-refusal");
    }
    await refused.locator(".codicon-notifications-clear").click();
  }

  // The editor itself asks before it debugs and makes a terminal; it may make one all the same.
  for (const command of ["Terminal: Create New Terminal", "Debug: Start Debugging"]) {
    await workbench.run(command);
    await workbench.dialog(/trust/i).waitFor();
    await workbench.page.keyboard.press("Escape");
    await workbench.dialog(/trust/i).waitFor({ state: "hidden" });
  }

  const { view } = workbench;
  await view.open();
  // By reading: nothing in it can be changed.
  await view.row(".venv").waitFor({ timeout: shown.timeout });
  expect(await view.buttons(".venv")).toEqual([]);
  await workbench.page.locator(".part.sidebar .message", { hasText: "isn't trusted" }).waitFor();
  await workbench.screenshot("restricted-mode-view");
  await workbench.showsWhy("it is not trusted, so it was not started");

  const lines = (await readFile(`${machine.home}/told.jsonl`, "utf8")).trim().split("\n");
  expect(new Set(lines.map((line) => JSON.stringify((JSON.parse(line) as { told: unknown }).told)))).toEqual(
    new Set(['{"trusted":false}']),
  );
  expect(existsSync(trace)).toBe(false);
  expect(workbench.server.processes("serve.py")).toEqual([]);
  for (const started of processes(workbench)) {
    expect(started).not.toContain(machine.folder("project", ".venv"));
  }

  // The button leads to where trust is given; after that the folder's own workflow is asked.
  const refused = await isRefused(workbench, "syncEnvironment");
  await refused.locator(".monaco-button", { hasText: "Manage Workspace Trust" }).click();
  await workbench.page.locator(".workspace-trust-editor").waitFor();
  await workbench.page.keyboard.press("Escape");
  await workbench.trust();
  await expect.poll(() => existsSync(trace), shown).toBe(true);
});
