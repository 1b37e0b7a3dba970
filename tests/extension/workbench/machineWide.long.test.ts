/** Pythons and tools of the machine, by commands. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { terminalAsText, terminalText } from "./harness/debugger.ts";
import { expect, type Machine, minor, paths, pythonsOf, shown, test, type Workbench } from "./harness/index.ts";

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
  await expect.poll(async () => workbench.pick.message(), shown).toContain("close every quote");
  await workbench.pick.enter("2.99");
  await expect.poll(async () => terminalText(workbench), shown).toContain("2.99");
  await expect.poll(async () => terminalText(workbench), shown).toMatch(/exit code|terminated/);
  await workbench.screenshot("install-python");
});

/** Pack a Python as uv downloads it; returns the URL of a list of downloads that has it alone. */
async function packPython(machine: Machine, python: string): Promise<string> {
  const output = execFileSync(python, ["-I", "-c", "import platform, sys; print(sys.base_prefix, platform.python_version(), platform.machine())"]);
  const [prefix = "", version = "", family = ""] = output.toString().trim().split(" ");
  const archive = machine.folder("python.tar.gz");
  const left = ["test", "__pycache__", "*.a", "site-packages", "dist-packages"].map((name) => `--exclude=${name}`);
  execFileSync("tar", ["-C", prefix, ...left, "--transform", "flags=r;s,^,python/,", "-czf", archive, "bin", "lib", "include"]);
  const [major, inMajor, patch] = version.split(".").map(Number);
  const download = {
    ...{ name: "cpython", arch: { family, variant: null }, os: "linux", libc: "gnu", variant: null, build: "20260101" },
    ...{ major, minor: inMajor, patch, prerelease: "", url: pathToFileURL(archive).href },
    sha256: createHash("sha256").update(readFileSync(archive)).digest("hex"),
  };
  const list = await machine.write("downloads.json", JSON.stringify({ [`cpython-${version}-linux-${family}-gnu`]: download }));
  return pathToFileURL(list).href;
}

test("a Python that the project needs is installed by a button, and the environment is created with it", async ({
  machine,
  skip,
  task,
}) => {
  const [, other = ""] = pythonsOf({ skip, task }, 2);
  const downloads = await packPython(machine, other);
  await machine.addProgram("uv", paths.tools["uv"] ?? "");
  const requires = `==${minor(other)}.*`;
  await machine.write("project/pyproject.toml", `[project]\nname = "demo"\nversion = "1"\nrequires-python = "${requires}"\n\n[tool.uv]\n`);
  const main = await machine.write("project/main.py");
  const env = { UV_PYTHON_DOWNLOADS: "manual", UV_PYTHON_DOWNLOADS_JSON_URL: downloads };
  const workbench = await machine.open(machine.folder("project"), { settings: terminalAsText, env });
  await workbench.openFile(main);

  await workbench.run("Python Workflow: Quick Create Environment");
  const button = `Install Python ${minor(other)}`;
  const failure = workbench.page.locator(".notification-toast", { hasText: button });
  await failure.waitFor({ timeout: shown.timeout });
  expect(await failure.innerText()).toContain("Nothing was created.");
  await workbench.screenshot("python-missing");
  await failure.locator(".monaco-button", { hasText: button }).click();
  await workbench.showsStatus(`.venv ${minor(other)}`);
});
