import { expect, shown, test, type Workbench } from "./harness/index.ts";

async function writePython(workbench: Workbench): Promise<void> {
  await workbench.run("File: New Untitled Text File");
  await workbench.run("Change Language Mode");
  await workbench.pick.fill("Python");
  await workbench.pick.choose("Python");
}

test("in a browser without a machine it says so once, and to whoever asks it for something", { tags: ["slow"] }, async ({ machine }) => {
  const workbench = await machine.open("/", { alone: true });
  const toast = workbench.toast("Python Workflow can't run in the browser");

  await workbench.run("File: New Untitled Text File");
  expect(await toast.count()).toBe(0);
  await writePython(workbench);
  await toast.waitFor();
  await workbench.screenshot("browser");
  await workbench.run("Notifications: Clear All Notifications");
  await expect.poll(async () => toast.count(), shown).toBe(0);

  await writePython(workbench);
  expect(await toast.count()).toBe(0);
  await workbench.run("Python Workflow: Select Interpreter");
  await toast.waitFor();
  // A view that could show nothing is not there, and nothing of the machine runs.
  expect(await workbench.page.locator('.activitybar .action-label[aria-label^="Python Environments"]').count()).toBe(0);
  expect(workbench.helperPids()).toEqual([]);
});
