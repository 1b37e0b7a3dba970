import { readFile } from "node:fs/promises";

import { expect, shown, test, type Machine } from "./harness/index.ts";

/** An extension that writes down what ours tells it: once it is active, at each change, and when it is asked to. */
const observer = `
const { appendFileSync } = require("node:fs");
const { homedir } = require("node:os");
const { join } = require("node:path");
const vscode = require("vscode");

exports.activate = async (context) => {
  const note = (event, told) => appendFileSync(join(homedir(), "told.jsonl"), JSON.stringify({ event, told }) + "\\n");
  const api = await vscode.extensions.getExtension("python-workflow.python-workflow").activate();
  const ask = async () => note("asked", await api.getInterpreter(vscode.workspace.workspaceFolders[0].uri));
  context.subscriptions.push(
    api.onDidChangeInterpreter(({ uri, interpreter }) => note(uri.fsPath, interpreter)),
    vscode.commands.registerCommand("observer.ask", ask),
  );
  await ask();
};
`;

/** Writes the extension; resolves with its folder. */
async function writeObserver(machine: Machine): Promise<string> {
  const manifest = {
    name: "observer",
    publisher: "test",
    version: "1.0.0",
    engines: { vscode: "^1.100.0" },
    main: "./extension.js",
    extensionKind: ["workspace"],
    extensionDependencies: ["python-workflow.python-workflow"],
    activationEvents: ["onStartupFinished"],
    capabilities: { untrustedWorkspaces: { supported: true } },
    contributes: { commands: [{ command: "observer.ask", title: "Ask", category: "Observer" }] },
  };
  await machine.write("observer/package.json", JSON.stringify(manifest));
  await machine.write("observer/extension.js", observer);
  return machine.folder("observer");
}

/** What the extension was told so far, in order. */
async function told(machine: Machine): Promise<readonly unknown[]> {
  const text = await readFile(`${machine.home}/told.jsonl`, "utf8").catch(() => "");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line): unknown => JSON.parse(line));
}

test("another extension asks for the interpreter and is told when it changes", async ({ machine }) => {
  const extension = await writeObserver(machine);
  await machine.makeEnvironment("project/.venv");
  const root = machine.folder("project");
  await machine.open(root, { extensions: [extension] });

  const environment = {
    name: ".venv",
    prefix: `${root}/.venv`,
    source: ".venv",
    own: true,
  };
  await expect
    .poll(async () => told(machine), shown)
    .toContainEqual(
      expect.objectContaining({
        event: "asked",
        told: expect.objectContaining({
          trusted: true,
          root,
          environment: expect.objectContaining(environment) as unknown,
        }) as unknown,
      }),
    );

  await machine.remove("project/.venv");
  await expect
    .poll(async () => (await told(machine)).at(-1), shown)
    .toEqual({ event: root, told: { trusted: true, root, summary: expect.any(String) as unknown } });
});

test("in an untrusted folder another extension gets no path, and gets it once the folder is trusted", async ({
  machine,
}) => {
  const extension = await writeObserver(machine);
  await machine.makeEnvironment("project/.venv");
  const workbench = await machine.open(machine.folder("project"), { extensions: [extension], trust: "restricted" });

  await workbench.showsStatus(/^\.venv/);
  await expect.poll(async () => told(machine), shown).toContainEqual({ event: "asked", told: { trusted: false } });
  await workbench.run("Observer: Ask");
  const asked = async (): Promise<readonly unknown[]> =>
    (await told(machine)).filter((one) => (one as { event: string }).event === "asked");
  await expect.poll(async () => (await asked()).length, shown).toBe(2);
  expect(JSON.stringify(await told(machine))).not.toContain("/");

  await workbench.trust();
  await expect
    .poll(async () => JSON.stringify((await told(machine)).at(-1)), shown)
    .toContain(machine.folder("project", ".venv", "bin", "python"));
});
