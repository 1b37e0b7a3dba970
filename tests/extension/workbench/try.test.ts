import { chromium } from "playwright-core";

import { start } from "../../../scripts/lib/processes.mjs";
import type { Started } from "../../../scripts/lib/processes.mjs";
import { expect, paths, repository, shown, test } from "./harness/index.ts";
import { StatusItem } from "./harness/workbench.ts";

/** What `npm run try` prints once VS Code can be opened. */
async function printed(trying: Started): Promise<{ url: string; password: string }> {
  const found = await expect
    .poll(() => /Open {6}(\S+)\s+Password {2}(\S+)/.exec(trying.output()), shown)
    .not.toBeNull()
    .then(() => /Open {6}(\S+)\s+Password {2}(\S+)/.exec(trying.output()));
  return { url: found?.[1] ?? "", password: found?.[2] ?? "" };
}

test("npm run try serves VS Code on the folder behind a password, and Ctrl-C leaves no process", async ({
  machine,
}) => {
  await machine.makeEnvironment("project/.venv");
  const trying = start([process.execPath, "scripts/try.mjs", machine.folder("project")], {
    cwd: repository,
    env: { HOME: machine.home },
  });
  try {
    const { url, password } = await printed(trying);
    const stranger = await fetch(url);
    expect(new URL(stranger.url).pathname).toBe("/login");

    const browser = await chromium.launch({
      executablePath: paths.chromium,
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic"],
    });
    try {
      const page = await browser.newPage();
      await page.goto(url);
      await page.locator("input[type=password]").fill(password);
      await page.keyboard.press("Enter");
      const item = new StatusItem(page, "python-workflow.python-workflow.interpreter");
      await expect.poll(async () => item.text(), shown).toContain(".venv");
      // With VS Code connected there are an extension host and our helper below it.
      expect(trying.family().length).toBeGreaterThan(3);

      process.kill(trying.pid ?? 0, "SIGINT");
      expect((await trying.ended).code).toBe(130);
      expect(trying.family()).toEqual([]);
    } finally {
      await browser.close();
    }
  } finally {
    await trying.stop();
  }
});
