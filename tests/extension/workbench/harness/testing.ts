import { cp, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";

import type { Locator } from "playwright-core";
import { expect } from "vitest";

import { paths } from "./paths.ts";
import { shown } from "./waiting.ts";
import type { Workbench } from "./workbench.ts";

/** pytest and what it needs, as they are installed where our own tests run: all of it is plain Python. */
const PYTEST = ["pytest", "_pytest", "py.py", "pluggy", "iniconfig", "packaging", "pygments"];

/** Installs pytest in an environment, without an index, and with it further packages. */
export async function installPytest(environment: string, ...further: readonly string[]): Promise<void> {
  const from = await sitePackages(dirname(dirname(paths.python)));
  const to = await sitePackages(environment);
  const requirements = [...PYTEST, ...further];
  for (const name of await readdir(from)) {
    const [distribution = ""] = name.split("-");
    if (requirements.includes(name) || (name.endsWith(".dist-info") && requirements.includes(distribution))) {
      await cp(join(from, name), join(to, name), { recursive: true });
    }
  }
}

async function sitePackages(environment: string): Promise<string> {
  const [version = ""] = (await readdir(join(environment, "lib"))).filter((name) => name.startsWith("python"));
  return join(environment, "lib", version, "site-packages");
}

/** The Testing view, as its user sees it. */
export class TestingView {
  private readonly workbench: Workbench;

  constructor(workbench: Workbench) {
    this.workbench = workbench;
  }

  /** Open it with its icon in the activity bar. */
  async open(): Promise<void> {
    await this.workbench.page.locator('.activitybar .action-label[aria-label^="Testing"]').click();
    await this.pane().waitFor({ timeout: shown.timeout });
  }

  /** What screen readers say of each row on screen, in order: with it come the states. */
  async rows(): Promise<readonly string[]> {
    const placed = await this.pane().locator(".monaco-list-row").evaluateAll((elements) =>
      elements.map((element) => ({
        index: Number(element.getAttribute("data-index")),
        text: element.getAttribute("aria-label") ?? element.textContent,
      })),
    );
    return placed.sort((left, right) => left.index - right.index).map(({ text }) => text);
  }

  /** Resolves when a row says the text. */
  async says(text: string | RegExp): Promise<void> {
    await expect.poll(async () => (await this.rows()).join("\n"), shown).toMatch(text);
  }

  /** The row of a label. */
  row(label: string): Locator {
    return this.pane().locator(".monaco-list-row").filter({ hasText: label }).first();
  }

  /** Open a row, unless it is open. */
  async expand(label: string): Promise<void> {
    const closed = this.pane().locator('.monaco-list-row[aria-expanded="false"]').filter({ hasText: label }).first();
    const open = async (): Promise<boolean> => {
      // A click may have been taken although it took too long.
      if ((await closed.count()) > 0) {
        await closed.locator(".monaco-tl-twistie").click({ timeout: 2_000 });
      }
      return (await closed.count()) === 0;
    };
    await this.row(label).waitFor({ timeout: shown.timeout });
    if ((await closed.count()) > 0) {
      await expect.poll(open, shown).toBe(true);
    }
  }

  /**
   * Run the tests of a row by one of their profiles. A menu takes no click in its first 100 ms, what else takes the focus
   * closes the list, and the list shows what was known when it opened: it is asked for until it has the profile.
   */
  async runUsing(label: string, profile: string): Promise<void> {
    const { page, pick } = this.workbench;
    const once = { timeout: 15_000 };
    const listed = async (): Promise<boolean> => {
      await page.keyboard.press("Escape");
      await this.row(label).click({ button: "right", ...once });
      await page.locator(".context-view .monaco-menu .action-label", { hasText: /Using Profile/ }).first().click(once);
      return pick.row(profile).first().waitFor(once).then(() => true, () => false);
    };
    await expect.poll(listed, shown).toBe(true);
    await pick.choose(profile);
  }

  /** Press a button that a row shows under the mouse. */
  async press(label: string, button: string): Promise<void> {
    const press = async (): Promise<true> => {
      await this.row(label).hover();
      // A machine that is busy tells late that it was pressed: it must not be pressed once more.
      await this.row(label).locator(`.action-label[aria-label="${button}"]`).click({ timeout: 15_000 });
      return true;
    };
    await expect.poll(press, shown).toBe(true);
  }

  private pane(): Locator {
    return this.workbench.page.locator(".part.sidebar .test-explorer");
  }
}
