import { readFile, writeFile } from "node:fs/promises";

import type { Call, Result } from "./extensions/agent/extension.ts";
import { authored } from "./harness/extensions.ts";
import { expect, type Machine, paths, shown, test, type Workbench } from "./harness/index.ts";
import { run } from "../../../scripts/lib/processes.mjs";

/** Writes a distribution that needs no index to be installed. Resolves with its absolute path. */
async function writeWheel(machine: Machine): Promise<string> {
  const wheel = machine.folder("tiny-1.0-py3-none-any.whl");
  const program = [
    "import sys, zipfile",
    "wheel = zipfile.ZipFile(sys.argv[1], 'w')",
    "info = 'tiny-1.0.dist-info/'",
    "wheel.writestr('tiny.py', '')",
    "wheel.writestr(info + 'METADATA', 'Metadata-Version: 2.1\\nName: tiny\\nVersion: 1.0\\n')",
    "wheel.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')",
    "wheel.writestr(info + 'RECORD', '')",
    "wheel.close()",
  ].join("\n");
  await run([paths.python, "-I", "-c", program, wheel]);
  return wheel;
}

/** Has the agent do this, answers the questions that the user is asked, and resolves with what came of it. */
async function agentDoes(
  machine: Machine,
  workbench: Workbench,
  calls: readonly Call[],
  answers: readonly (readonly [question: string, button: string])[] = [],
): Promise<readonly Result[]> {
  const before = (await results(machine)).length;
  await writeFile(`${machine.home}/calls.json`, JSON.stringify(calls));
  await workbench.run("Agent: Use Tools");
  for (const [question, button] of answers) {
    await workbench.dialog(question).waitFor();
    await workbench.screenshot(`model-tool-${question.replaceAll(/\W+/g, "-").toLowerCase()}`);
    await workbench.pressDialogButton(question, button);
    await workbench.dialog(question).waitFor({ state: "hidden" });
  }
  await expect
    .poll(async () => (await results(machine)).length, shown)
    .toBe(before + calls.length);
  return (await results(machine)).slice(before);
}

async function results(machine: Machine): Promise<readonly Result[]> {
  const text = await readFile(`${machine.home}/results.jsonl`, "utf8").catch(() => "");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Result);
}

const tool = (name: string, input: object = {}): Call => ({ tool: `pythonWorkflow_${name}`, input });

test("an agent asks for interpreters and reasons, and changes something only after the user agreed", async ({ machine }) => {
  const extension = await authored(machine, "agent");
  const wheel = await writeWheel(machine);
  await machine.write("project/pyproject.toml", '[project]\nname = "project"\nversion = "1"\n');
  await machine.write("project/app/main.py");
  const workbench = await machine.open(machine.folder("project"), { extensions: [extension] });
  await expect.poll(() => workbench.helperPids(), shown).toHaveLength(1);

  const [nothing, outside, odd, cancelled] = await agentDoes(machine, workbench, [
    tool("getInterpreter"),
    tool("getInterpreter", { path: "../elsewhere" }),
    tool("listEnvironments", { path: "app\u202e" }),
    { ...tool("explainInterpreter"), cancelAfter: 0 },
  ]);
  expect(nothing?.texts?.[0]).toContain("This folder has no usable environment. One can be created.");
  expect(outside?.error).toContain("outside the folders that are open in the editor");
  expect(odd?.error).toContain('cannot be used as "path"');
  expect(cancelled?.error).toMatch(/Cancell?ed/);

  const python = machine.folder("project", ".venv", "bin", "python");
  const [refused] = await agentDoes(machine, workbench, [tool("createEnvironment")], [["Create a Python environment?", "Cancel"]]);
  expect(refused?.error).toMatch(/Cancell?ed/);
  const [created, found] = await agentDoes(
    machine,
    workbench,
    [tool("createEnvironment"), tool("getInterpreter", { path: "app/main.py" })],
    [["Create a Python environment?", "Yes"]],
  );
  expect(created?.texts?.[0]).toContain(`and selected it. Run Python as ${python}.`);
  expect(found?.texts?.[0]).toContain(`Run Python as ${python} (.venv, Python 3.`);
  expect(JSON.parse(found?.texts?.[1] ?? "")).toMatchObject({ trusted: true, environment: { path: python } });
  await workbench.showsStatus(/^\.venv/);

  const [installed, nothingToDo] = await agentDoes(
    machine,
    workbench,
    [tool("installPackages", { packages: [wheel] }), tool("syncEnvironment")],
    [
      ["Install packages?", "Yes"],
      ["Sync the environment?", "Yes"],
    ],
  );
  expect(installed?.texts?.[0]).toBe("Installed tiny 1.0.");
  expect(nothingToDo?.texts?.[0]).toBeDefined();
  const [listed, explained] = await agentDoes(machine, workbench, [tool("listEnvironments"), tool("explainInterpreter")]);
  expect(listed?.texts?.[0]).toContain(`: ${python} [the default]`);
  expect(explained?.texts?.[0]).toContain("- E1 matched");
});

test("in restricted mode an agent is refused with the reason, and the user is asked nothing", { tags: ["slow"] }, async ({ machine }) => {
  const extension = await authored(machine, "agent");
  await machine.makeEnvironment("project/.venv");
  const workbench = await machine.open(machine.folder("project"), { extensions: [extension], trust: "restricted" });
  await workbench.showsStatus(/^\.venv/);

  const names = ["getInterpreter", "listEnvironments", "explainInterpreter", "createEnvironment", "syncEnvironment"];
  const results = await agentDoes(machine, workbench, [...names.map((name) => tool(name)), tool("installPackages", { packages: ["tiny"] })]);

  expect(results).toHaveLength(6);
  for (const { error } of results) {
    expect(error).toContain("The workspace is in restricted mode");
    expect(error).not.toContain(machine.home);
  }
});
