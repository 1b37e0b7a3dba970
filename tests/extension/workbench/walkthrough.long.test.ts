import { expect, shown, test } from "./harness/index.ts";

test("the walkthrough opens, has a picture a step in every theme, and ticks a step when it was taken", async ({ machine }) => {
  await machine.makeEnvironment("project/.venv");
  await machine.write("project/main.py");
  const workbench = await machine.open(machine.folder("project"));
  const { page } = workbench;
  await page.setViewportSize({ width: 1500, height: 900 });
  await workbench.showsStatus(/^\.venv/);
  await workbench.run("Python Workflow: Get Started");
  const steps = page.locator(".gettingStartedContainer .step-list-container .getting-started-step");
  await expect.poll(async () => steps.count(), shown).toBe(6);
  const ticked = async (): Promise<number> => steps.locator(".codicon-getting-started-step-checked.complete").count();
  expect(await ticked()).toBe(0);

  // Each in a theme; its colors are the theme's.
  for (const [title, drawn, theme, kind, color] of [
    ["Why this one?", "Why This Interpreter?", "Default Dark Modern", "vs-dark", /rgb\(204, 204, 204\)/],
    ["Make an environment", "Create Environment", "Default High Contrast", "hc-black", /rgb\(255, 255, 255\)/],
    ["Run and debug", "Run and debug", "Default High Contrast Light", "hc-light", /rgb\(41, 41, 41\)/],
    ["My workflow", "One workflow for all projects", "Default Light Modern", "vs", /rgb\(59, 59, 59\)/],
    ["All environments", "The view Python Environments", "Default Dark Modern", "vs-dark", /rgb\(204, 204, 204\)/],
  ] as const) {
    await machine.write("project/.vscode/settings.json", JSON.stringify({ "workbench.colorTheme": theme }));
    await page.locator(`.monaco-workbench.${kind}`).waitFor({ timeout: shown.timeout });
    await steps.filter({ hasText: title }).click();
    await expect.poll(async () => workbench.drawing(), shown).toEqual({ title: drawn, color: expect.stringMatching(color) as string });
    await workbench.screenshot(`walkthrough-${kind}`);
  }

  await page.locator(".getting-started-step.expanded .monaco-button", { hasText: "Show Python Environments" }).click();
  await expect.poll(ticked, shown).toBe(1);
  await workbench.view.row(".venv").waitFor();
  await workbench.run("Python Workflow: Select Interpreter");
  await workbench.pick.row(/^\s*\.venv/).first().waitFor();
  await workbench.pick.cancel();
  await expect.poll(ticked, shown).toBe(2);
  await workbench.screenshot("walkthrough-ticked");
});
