import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";

import { shown } from "./waiting.ts";

/** The view "Python Environments", as its user sees it. */
export class EnvironmentView {
  private readonly page: Page;
  private readonly pane: Locator;

  constructor(page: Page) {
    this.page = page;
    this.pane = page.locator(".part.sidebar .pane", { has: page.locator(".customview-tree, .welcome-view") }).first();
  }

  /** Open it with its icon in the activity bar. */
  async open(): Promise<void> {
    await this.page.locator('.activitybar .action-label[aria-label^="Python Environments"]').click();
    await this.pane.waitFor({ timeout: shown.timeout });
  }

  /** The rows on screen in order, each indented by its depth, as they are seen. */
  async rows(): Promise<readonly string[]> {
    const placed = await this.pane.locator(".monaco-list-row").evaluateAll((elements) =>
      elements.map((element) => ({
        index: Number(element.getAttribute("data-index")),
        depth: Number(element.getAttribute("aria-level")) - 1,
        text: [...element.querySelectorAll(".label-name, .label-description")].map((part) => part.textContent).join(" "),
      })),
    );
    return placed.sort((left, right) => left.index - right.index).map(({ depth, text }) => `${"  ".repeat(depth)}${text.trim()}`);
  }

  /** The row whose label is the text. */
  row(label: string | RegExp): Locator {
    const name = typeof label === "string" ? new RegExp(`^${label.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}$`) : label;
    return this.pane.locator(".monaco-list-row").filter({ has: this.page.locator(".label-name", { hasText: name }) }).first();
  }

  /** What screen readers say of a row. */
  async spoken(label: string | RegExp): Promise<string> {
    return (await this.row(label).getAttribute("aria-label")) ?? "";
  }

  /** The name of the icon that a row has. */
  async icon(label: string | RegExp): Promise<string> {
    const classes = (await this.row(label).locator(".custom-view-tree-node-item-icon").first().getAttribute("class")) ?? "";
    return /codicon-(?!modifier)([\w-]+)/.exec(classes)?.[1] ?? "";
  }

  /** Open or close a row, as a click on its arrow does. */
  async toggle(label: string | RegExp): Promise<void> {
    await this.row(label).locator(".monaco-tl-twistie").click();
  }

  /** Press a button that a row shows under the mouse. */
  async press(label: string | RegExp, button: string): Promise<void> {
    const row = this.row(label);
    const action = row.locator(`.actions .action-label[aria-label^="${button}"]`);
    // Rows move when the view follows a change, away from under the mouse.
    const press = async (): Promise<true> => {
      await row.hover();
      await action.click({ timeout: 2_000 });
      return true;
    };
    await expect.poll(press, shown).toBe(true);
  }

  /** The buttons that a row shows under the mouse. */
  async buttons(label: string | RegExp): Promise<readonly string[]> {
    await this.page.mouse.move(640, 300);
    await this.row(label).hover();
    const labels = this.row(label).locator(".actions .action-label");
    return labels.evaluateAll((elements) => elements.map((element) => element.getAttribute("aria-label") ?? ""));
  }

  /** Go to a row by typing its name, as a person does in any tree. */
  async typeAhead(label: string): Promise<void> {
    await this.page.keyboard.type(label);
    await this.pane.locator(".monaco-list-row.focused", { hasText: label }).waitFor();
  }

  /** The texts of a row's menu, opened by the keyboard on the focused row; it is left open. */
  async menu(): Promise<readonly string[]> {
    await this.page.keyboard.press("Shift+F10");
    const items = this.page.locator(".context-view .monaco-menu .action-menu-item .action-label");
    await items.first().waitFor();
    return items.allInnerTexts();
  }

  /** Press a button of the view's title. */
  async pressTitle(button: string): Promise<void> {
    await this.page.locator(`.part.sidebar .title-actions .action-label[aria-label^="${button}"]`).click();
  }

  /** What the view says where it has no rows. */
  async welcome(): Promise<string> {
    return (await this.pane.locator(".welcome-view-content:visible").allInnerTexts()).join("\n");
  }

  /** Press a button of what the view says where it has no rows. */
  async pressWelcome(button: string): Promise<void> {
    await this.pane.locator(".welcome-view-content .monaco-button", { hasText: button }).first().click();
  }
}
