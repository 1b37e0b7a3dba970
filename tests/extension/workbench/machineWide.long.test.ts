/** Pythons and tools of the machine, by commands. */
import { existsSync } from "node:fs";
import { join } from "node:path";

import { terminalAsText, terminalText } from "./harness/debugger.ts";
import { expect, type Machine, paths, shown, test, type Workbench } from "./harness/index.ts";

/** Runs a command, and types what it asks for. */
async function say(workbench: Workbench, command: string, words: string): Promise<void> {
  await workbench.run(`Python Workflow: ${command}`);
  await workbench.pick.replace("", words);
}

async function opened(machine: Machine): Promise<Workbench> {
  await machine.addProgram("uv", paths.tools["uv"] ?? "");
  await machine.write("project/main.py");
  const workbench = await machine.open(machine.folder("project"), { settings: terminalAsText });
  await expect.poll(() => workbench.helperPids(), shown).toHaveLength(1);
  return workbench;
}

test("a tool is run without being installed, installed, upgraded and uninstalled, each in a terminal that tells of it", async ({
  machine,
}) => {
  const workbench = await opened(machine);

  await say(workbench, "Run Tool...", "cowsay -t 'hello there'");
  await expect.poll(async () => terminalText(workbench), shown).toMatch(/\| hello there \|/);
  await workbench.screenshot("run-tool");

  await say(workbench, "Install Tool...", "cowsay");
  const program = join(machine.bin, "cowsay");
  await expect.poll(() => existsSync(program), shown).toBe(true);

  await workbench.run("Python Workflow: Upgrade Tools");
  await expect.poll(async () => terminalText(workbench), shown).toContain("is the newest");

  await workbench.run("Python Workflow: Uninstall Tool...");
  await workbench.pick.choose("cowsay");
  await expect.poll(() => existsSync(program), shown).toBe(false);
});

test("a Python that cannot be installed is told of where it was to be, and nothing is typed for a quote without its end", async ({
  machine,
}) => {
  const workbench = await opened(machine);

  await workbench.run("Python Workflow: Install Python...");
  await workbench.pick.choose("Enter a version...");
  await workbench.pick.replace("", "'3.13");
  await workbench.page.getByText("each quote closed").waitFor();
  await workbench.pick.enter("2.99");
  await expect.poll(async () => terminalText(workbench), shown).toContain("2.99");
  await expect.poll(async () => terminalText(workbench), shown).toMatch(/exit code|terminated/);
  await workbench.screenshot("install-python");
});
