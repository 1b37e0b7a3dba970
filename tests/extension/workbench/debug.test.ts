import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

import { inRoot } from "../../../scripts/lib/paths.mjs";
import { start } from "../../../scripts/lib/processes.mjs";
import type { Started } from "../../../scripts/lib/processes.mjs";
import { Debugger, terminalAsText, terminalText } from "./harness/debugger.ts";
import { expect, shown, test } from "./harness/index.ts";

const PROGRAM = `def double(number):
    return 2 * number


print("answer", double(21))
`;

const APP = `import os, sys

def main(words):
    text = "|".join([*words, os.environ["FROM_FILE"], os.environ["OWN"]])
    print(os.environ["VIRTUAL_ENV"] + "|" + text)

main(sys.argv[1:])
`;

const SCRIPT = `# /// script
# requires-python = ">=3.10"
# dependencies = ["iniconfig"]
# ///
import iniconfig

def package(module):
    name = module.__name__
    return "has " + name

print(package(iniconfig))
`;

/** A launch.json with these configurations. */
function configurations(...more: readonly object[]): string {
  return JSON.stringify({ configurations: more.map((one) => ({ type: "pythonWorkflow", request: "launch", ...one })) });
}

/** A port that nobody listens at. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Whether somebody listens at a port; looks, and does not connect, which the debugger would take for its client. */
async function isListening(port: number): Promise<boolean> {
  const table = await readFile("/proc/net/tcp", "utf8");
  const address = `:${port.toString(16).toUpperCase().padStart(4, "0")} 00000000:0000 0A`;
  return table.includes(address);
}

test("a file is debugged in its own environment without a launch.json, and no debugger outlives its window", async ({ machine }) => {
  await machine.makeEnvironment("project/.venv");
  const main = await machine.write("project/main.py", PROGRAM);
  const workbench = await machine.open(machine.folder("project"), { settings: terminalAsText });
  const debug = new Debugger(workbench);
  await workbench.showsStatus(/^\.venv/);
  await debug.breakAt(main, 2);

  await workbench.run("Python Workflow: Debug Python File");
  await debug.stopsIn("double");
  await expect.poll(async () => debug.locals(), shown).toContain("number = 21");
  expect(debug.processes().every((command) => command.startsWith(machine.folder("project", ".venv")))).toBe(true);
  await workbench.screenshot("debug-file");
  await debug.goOn();
  await expect.poll(async () => terminalText(workbench), shown).toContain("answer 42");
  await debug.ends();
  await workbench.screenshot("debug-file-ended");

  await workbench.openFile(main);
  await workbench.page.keyboard.press("F5");
  await debug.stopsIn("double");
  await workbench.run("Debug: Stop");
  await debug.ends();

  await workbench.page.keyboard.press("F5");
  await debug.stopsIn("double");
  await workbench.reload();
  await debug.ends();
});

test("launch.json debugs a module, a process that it starts, one that waits for the debugger and one that comes to it", { tags: ["slow"] }, async ({
  machine,
}) => {
  const environment = await machine.makeEnvironment("project/.venv");
  const main = await machine.write("project/main.py", PROGRAM);
  const [first, second] = [await freePort(), await freePort()];
  await machine.write("project/.env", "FROM_FILE=yes\n");
  const app = await machine.write("project/app/__main__.py", APP);
  await machine.write("project/app/__init__.py");
  await machine.write("project/parent.py", "import subprocess, sys\nsubprocess.run([sys.executable, 'child.py'], check=True)\n");
  const child = await machine.write("project/child.py", "def deep(number):\n    return number + 1\n\n\nprint('child', deep(1))\n");
  await machine.write("project/.vscode/launch.json", configurations(
    { name: "App", module: "app", args: ["one", "two three"], envFile: "${workspaceFolder}/.env", env: { OWN: "1" } },
    { name: "Parent", program: "${workspaceFolder}/parent.py", console: "internalConsole", internalConsoleOptions: "openOnSessionStart" },
    { name: "Attach", request: "attach", connect: { port: first } },
    { name: "Listen", request: "attach", listen: { host: "127.0.0.1", port: second } },
    { name: "By Process", request: "attach", processId: 1 },
  ));
  const workbench = await machine.open(machine.folder("project"), { settings: terminalAsText });
  const debug = new Debugger(workbench);
  await workbench.showsStatus(/^\.venv/);

  await debug.breakAt(app, 5);
  await debug.start("App");
  await debug.stopsIn("main");
  await expect.poll(async () => debug.locals(), shown).toContain("text = 'one|two three|yes|1'");
  await debug.goOn();
  await expect.poll(async () => terminalText(workbench), shown).toContain(`${machine.folder("project", ".venv")}|one|two three`);
  await workbench.screenshot("debug-module");
  await debug.ends();

  await debug.breakAt(child, 2);
  await debug.start("Parent");
  await debug.stopsIn("deep");
  await expect.poll(async () => debug.locals(), shown).toContain("number = 1");
  await workbench.screenshot("debug-subprocess");
  await debug.goOn();
  await expect.poll(async () => workbench.page.locator(".repl").innerText(), shown).toContain("child 2");
  await debug.ends();

  const program = (...options: readonly string[]): Started =>
    start([join(environment, "bin", "python"), inRoot("dist", "helper", "libs", "debugpy"), ...options, main]);
  await debug.breakAt(main, 2);

  const waiting = program("--listen", `127.0.0.1:${first}`, "--wait-for-client");
  await expect.poll(async () => isListening(first), shown).toBe(true);
  await debug.start("Attach");
  await debug.stopsIn("double");
  await debug.goOn();
  expect((await waiting.ended).output).toContain("answer 42");
  await debug.ends();

  await debug.start("Listen");
  await expect.poll(async () => isListening(second), shown).toBe(true);
  const coming = program("--connect", `127.0.0.1:${second}`);
  await debug.stopsIn("double");
  await debug.goOn();
  expect((await coming.ended).output).toContain("answer 42");
  await debug.ends();

  await debug.start("By Process");
  await workbench.toast("cannot attach to a process by its id").waitFor();
  await workbench.screenshot("debug-by-process");
});

test("a script with inline metadata runs and is debugged in an environment of its own, made when it is needed", { tags: ["slow"] }, async ({
  machine,
}) => {
  await machine.makeEnvironment("project/.venv");
  const script = await machine.write("project/tool.py", SCRIPT);
  const workbench = await machine.open(machine.folder("project"), { settings: terminalAsText });
  const debug = new Debugger(workbench);
  await workbench.showsStatus(/./);
  await debug.breakAt(script, 9);

  await workbench.run("Python Workflow: Debug Python File");
  await debug.stopsIn("package");
  await expect.poll(async () => debug.locals(), shown).toContain("name = 'iniconfig'");
  await workbench.screenshot("debug-script");
  await debug.goOn();
  await expect.poll(async () => terminalText(workbench), shown).toContain("has iniconfig");
  await debug.ends();

  await workbench.openFile(script);
  await workbench.run("Python Workflow: Run Python File");
  // A task that sets variables is not echoed: its end tells it from the debugged one.
  await expect.poll(async () => terminalText(workbench), shown).toMatch(/has iniconfig[^]*Terminal will be reused by tasks/);
});
