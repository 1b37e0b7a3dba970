import { expect, shown, test } from "./harness/index.ts";

test("a folder with a .venv shows its environment in the status bar", async ({ machine }) => {
  await machine.makeEnvironment("project/.venv");
  await machine.write("project/main.py", "print('hello')\n");

  const workbench = await machine.open(machine.folder("project"));

  await expect.poll(async () => workbench.status.text(), shown).toContain(".venv");
  await workbench.screenshot("dot-venv");
});
