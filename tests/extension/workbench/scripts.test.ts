import { readFile } from "node:fs/promises";

import { Debugger } from "./harness/debugger.ts";
import { expect, shown, test } from "./harness/index.ts";
import { paths } from "./harness/paths.ts";

/** A script that needs a package, and writes beside itself where it found that. */
const SCRIPT = `# /// script
# requires-python = ">=3.10"
# dependencies = ["iniconfig==2.0.0"]
# ///
import sys, iniconfig
found = iniconfig.__file__
told = f"{sys.prefix}|{found}\\n"
with open(__file__ + ".txt", "a") as file:
    file.write(told)
`;
const LINE_AFTER_IMPORT = 7;

async function reported(file: string): Promise<string[]> {
  const text = await readFile(`${file}.txt`, "utf8").catch(() => "");
  return text.split("\n").slice(0, -1);
}

test("a script with inline metadata is run and debugged above its block, in an environment of its own, and its mistakes are underlined", async ({
  machine,
}) => {
  await machine.addProgram("uv", paths.tools["uv"] ?? "");
  await machine.makeEnvironment("project/.venv");
  const script = await machine.write("project/tool.py", SCRIPT);
  const plain = await machine.write("project/plain.py", "print(1)\n");
  const workbench = await machine.open(machine.folder("project"));
  const lens = workbench.page.locator(".codelens-decoration a");

  await workbench.openFile(script);
  await workbench.showsStatus(/^\.venv/);
  await lens.getByText("Run Script").click();
  await expect.poll(async () => reported(script), shown).toHaveLength(1);
  await workbench.showsStatus(/^tool\.py 3\./);
  expect((await reported(script))[0]).toMatch(/python-workflow\/environments\/script-.*\|.*iniconfig/);
  await workbench.screenshot("script-run");
  await workbench.showsWhy(/tool\.py has an environment of its own/);
  await workbench.screenshot("script-why");

  await workbench.openFile(plain);
  await workbench.showsStatus(/^\.venv/);
  await expect.poll(async () => lens.count(), shown).toBe(0);

  await workbench.tab("tool.py").click();
  await workbench.showsStatus(/^tool\.py 3\./);
  const debug = new Debugger(workbench);
  await debug.breakAt(script, LINE_AFTER_IMPORT);
  await lens.getByText("Debug Script").click();
  await debug.stopsIn("<module>");
  await expect.poll(async () => debug.locals(), shown).toContainEqual(expect.stringMatching(/^found = .*script-/));
  await workbench.screenshot("script-debug");
  await debug.goOn();
  await debug.ends();
  expect(await reported(script)).toHaveLength(2);

  await machine.write("project/tool.py", SCRIPT.replace("iniconfig==2.0.0", "iniconfig == = 2"));
  await expect.poll(async () => workbench.page.locator(".squiggly-error").count(), shown).toBe(1);
  await workbench.run("View: Focus Problems (Errors, Warnings, Infos)");
  await workbench.page.getByText("is not a requirement").first().waitFor();
  await workbench.screenshot("script-problem");
});

test("a script in a folder that is not trusted is read, and nothing is made for it", async ({ machine }) => {
  const script = await machine.write("project/tool.py", SCRIPT.replace(">=3.10", "3.10"));
  const workbench = await machine.open(machine.folder("project"), { trust: "restricted" });

  await workbench.openFile(script);
  await expect.poll(async () => workbench.page.locator(".squiggly-error").count(), shown).toBe(1);
  await workbench.page.locator(".codelens-decoration a").getByText("Run Script").click();
  await workbench.toast("Trust this workspace to run or debug code.").waitFor();
  await workbench.screenshot("script-restricted");
  expect(await reported(script)).toEqual([]);
});
