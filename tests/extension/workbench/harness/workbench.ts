import { mkdir, readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";

import { screenshots } from "./paths.ts";
import type { Server } from "./server.ts";
import { EnvironmentView } from "./view.ts";
import { shown } from "./waiting.ts";

const ourItem = "python-workflow.python-workflow.interpreter";

/** How a status bar item looks. */
export type Kind = "standard" | "prominent" | "remote" | "warning" | "error" | "offline";

/**
 * VS Code as its user sees it: what it shows, and what can be done in it.
 *
 * Every action waits until it can be done. What it shows is read as it is now:
 * wait for it with `expect.poll(() => workbench.status.text())`.
 */
export class Workbench {
  /** For what has no method here yet. */
  readonly page: Page;
  /** The server behind it, and its processes. */
  readonly server: Server;
  /** Our item in the status bar. */
  readonly status: StatusItem;
  /** The list or the box that takes input at the top. */
  readonly pick: Pick;
  /** The folder of what VS Code keeps for its user; absolute. */
  readonly data: string;
  /** The view "Python Environments". */
  readonly view: EnvironmentView;

  constructor(page: Page, server: Server, data: string) {
    this.page = page;
    page.setDefaultTimeout(shown.timeout);
    this.server = server;
    this.data = data;
    this.status = new StatusItem(page, ourItem);
    this.pick = new Pick(page);
    this.view = new EnvironmentView(page);
  }

  /** The user's settings as they are on the disk. */
  async settings(): Promise<unknown> {
    return JSON.parse(await readFile(join(this.data, "User", "settings.json"), "utf8"));
  }

  /** What our extension has logged so far, in all its windows. */
  async log(): Promise<string> {
    const files = await readdir(join(this.data, "logs"), { recursive: true });
    const ours = files.filter((file) => file.endsWith("Python Workflow.log"));
    return (await Promise.all(ours.map(async (file) => readFile(join(this.data, "logs", file), "utf8")))).join("");
  }

  /**
   * Have our log tell everything from now on, as a person does: each message to and from the helper too, as much
   * of each as the setting `pythonWorkflow.trace.server` says.
   */
  async traceAll(): Promise<void> {
    // The library that talks to the helper overlooks a change of the level while it connects.
    await expect.poll(async () => this.log(), shown).toContain("was ready in");
    await this.run("Developer: Set Log Level...");
    await this.pick.choose("Python Workflow");
    await this.pick.choose("Trace");
    await this.pick.closed();
  }

  /** Resolves when the workbench is there. */
  async ready(): Promise<void> {
    await this.page.locator(".monaco-workbench .part.statusbar .statusbar-item").first().waitFor();
  }

  /** Load the page again, as a person does. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.ready();
  }

  /** Resolves when our item in the status bar has the text. */
  async showsStatus(text: string | RegExp): Promise<void> {
    await expect.poll(async () => this.status.text(), shown).toMatch(text);
  }

  /** Resolves when our item in the status bar is drawn as a warning, or is not. */
  async showsWarning(warning = true): Promise<void> {
    await expect.poll(async () => this.status.kind(), shown).toBe(warning ? "warning" : "standard");
  }

  /** Run "Why This Interpreter?", and resolve when its document has the text. */
  async showsWhy(text: string | RegExp): Promise<void> {
    await this.run("Python Workflow: Why This Interpreter?");
    await this.whyHas(text);
  }

  /** Resolves when the "Why This Interpreter?" document that is open has the text. */
  async whyHas(text: string | RegExp): Promise<void> {
    await expect.poll(async () => this.previewText(), shown).toMatch(text);
  }

  /** Run a command of the palette by its whole title, e.g. `"Python Workflow: Show Log"`. */
  async run(title: string): Promise<void> {
    // The palette finds no title by its final dots.
    const query = `>${title.replace(/\.+$/, "")}`;
    // The palette closes when something else takes the focus, a machine that is busy may open it late and empty its box,
    // and one that opened before its file was there lists none of the file's commands for as long as it stays open.
    await expect.poll(async () => this.isListed(title, query), shown).toBe(true);
    await this.pick.choose(title);
    // What the command asks must not be answered in the palette.
    await expect.poll(async () => this.pick.values(), shown).not.toContain(query);
  }

  /** Run a command whose list is to have the row, until it has: what else takes the focus closes a list. */
  async runUntilListed(title: string, row: string | RegExp): Promise<void> {
    const listed = async (): Promise<boolean> => {
      await this.run(title);
      return this.pick.row(row).first().waitFor({ timeout: 15_000 }).then(() => true, () => false);
    };
    await expect.poll(listed, shown).toBe(true);
  }

  private async isListed(title: string, query: string): Promise<boolean> {
    const timeout = 15_000;
    await this.page.keyboard.press("F1");
    await this.pick.fill(query, { timeout });
    try {
      await this.pick.row(title).first().waitFor({ timeout });
      return true;
    } catch {
      await this.page.keyboard.press("Escape");
      return false;
    }
  }

  /** Click on our item in the status bar until its list has the row: what else takes the focus closes a list. */
  async openPicker(row: RegExp): Promise<void> {
    const opened = async (): Promise<boolean> => {
      await this.status.click();
      return this.pick.row(row).first().waitFor({ timeout: 15_000 }).then(() => true, () => false);
    };
    await expect.poll(opened, shown).toBe(true);
  }

  /** Open a file by its absolute path, or show it where it is open. */
  async openFile(path: string): Promise<void> {
    const name = path.slice(path.lastIndexOf("/") + 1);
    await this.page.keyboard.press("Control+p");
    await this.pick.fill(path);
    // What was open lately is listed until the path has been looked up.
    await expect.poll(async () => (await this.pick.rows())[0], shown).toContain(name);
    await expect.poll(async () => this.pick.rows(), shown).toHaveLength(1);
    await this.page.keyboard.press("Enter");
    await this.page.locator(".tabs-container .tab.active", { hasText: name }).waitFor();
    // The tab is there before the file has been read, and what can be done with it depends on its language.
    await this.page.locator(".editor-group-container.active .editor-instance .view-lines").first().waitFor();
  }

  /** The tab of an open editor, by its label. */
  tab(label: string): Locator {
    return this.page.locator(".tabs-container .tab", { hasText: label });
  }

  /** The lines of the active editor that are on screen. */
  async editorText(): Promise<string> {
    const lines = this.page.locator(".editor-group-container.active .view-lines .view-line");
    // The lines are positioned, not ordered.
    const placed = await lines.evaluateAll((elements) =>
      elements.map((element) => ({
        top: Number.parseFloat((element as HTMLElement).style.top),
        text: element.textContent,
      })),
    );
    return placed
      .sort((left, right) => left.top - right.top)
      .map(({ text }) => text.replaceAll("\u00a0", " "))
      .join("\n");
  }

  /** The text of the rendered Markdown that is shown; empty while there is none. */
  async previewText(): Promise<string> {
    for (const frame of this.page.frames()) {
      const body = frame.locator("body.vscode-body .markdown-body");
      if ((await body.count().catch(() => 0)) > 0) {
        return body.first().innerText();
      }
    }
    return "";
  }

  /** Resolves when a passing message in the status bar has the text. */
  async showsInStatusBar(text: string): Promise<void> {
    await this.page.locator(".part.statusbar .statusbar-item", { hasText: text }).waitFor();
  }

  /** The title of the drawing that a webview shows, and the color of its texts; undefined while there is none. */
  async drawing(): Promise<{ readonly title: string; readonly color: string } | undefined> {
    for (const frame of this.page.frames()) {
      const drawing = frame.locator("body svg:has(title)");
      if ((await drawing.count().catch(() => 0)) > 0) {
        return drawing.first().evaluate((svg) => {
          const text = svg.querySelector("text");
          return {
            title: svg.querySelector("title")?.textContent ?? "",
            color: text === null ? "" : getComputedStyle(text).fill,
          };
        });
      }
    }
    return undefined;
  }

  /** A notification that has the text. */
  toast(text: string | RegExp): Locator {
    return this.page.locator(".notification-toast", { hasText: text });
  }

  /** Press a button of a notification. */
  async pressToastButton(text: string | RegExp, button: string): Promise<void> {
    await this.toast(text).locator(".monaco-button", { hasText: button }).click();
  }

  /** A modal dialog that has the text. */
  dialog(text: string | RegExp): Locator {
    return this.page.locator(".monaco-dialog-box", { hasText: text });
  }

  /** Press a button of a modal dialog. */
  async pressDialogButton(text: string | RegExp, button: string): Promise<void> {
    await this.dialog(text).locator(".monaco-button", { hasText: button }).click();
  }

  /** Trust the folder in the editor for that, as a person does who was not asked, and close it. */
  async trust(): Promise<void> {
    await this.run("Workspaces: Manage Workspace Trust");
    await this.grantTrust();
  }

  /** Trust the folder in the editor for that, which is open, and close it. */
  async grantTrust(): Promise<void> {
    await this.page
      .locator(".workspace-trust-editor .monaco-button", { hasText: /^Trust$/ })
      .first()
      .click();
    // It lies over the window and takes its keys.
    await this.page.locator(".workspace-trust-editor").getByText("You trust this folder").waitFor();
    await this.page.locator("[class*=modal-editor] .action-label.codicon-close").first().click();
    await this.page.locator(".workspace-trust-editor").waitFor({ state: "hidden" });
  }

  /** Close the window, as a person does; the server goes on. */
  async close(): Promise<void> {
    await this.page.close();
  }

  /** Answer VS Code's question on opening a folder (`trust: "ask"`). */
  async answerTrustDialog(trusted: boolean): Promise<void> {
    await this.pressDialogButton(/trust the authors/, trusted ? "Yes, I trust" : "No, I don't trust");
  }

  /** The process ids of our helper's language server; empty while it does not run. */
  helperPids(): readonly number[] {
    return this.server
      .processes("dist/helper")
      .filter(({ command }) => / lsp( |$)/.test(command))
      .map(({ pid }) => pid);
  }

  /** Keep a picture of the window as a PNG file; absolute path. */
  async picture(file: string): Promise<void> {
    await mkdir(dirname(file), { recursive: true });
    await this.page.screenshot({ animations: "disabled", path: file });
  }

  /** Keep a picture for people to look at: `.cache/screenshots/NAME.png`. */
  async screenshot(name: string): Promise<void> {
    await this.picture(join(screenshots, `${name}.png`));
  }
}

/** An item of the status bar. */
export class StatusItem {
  readonly locator: Locator;
  private readonly page: Page;

  constructor(page: Page, id: string) {
    this.page = page;
    this.locator = page.locator(`.part.statusbar [id="${id}"]`);
  }

  /** Whether it is shown. */
  async isVisible(): Promise<boolean> {
    return this.locator.isVisible();
  }

  /** What it says, without its icons; empty while it is not there. */
  async text(): Promise<string> {
    return (await this.locator.isVisible()) ? (await this.locator.innerText()).trim() : "";
  }

  /** What screen readers say. */
  async label(): Promise<string> {
    return (await this.locator.getAttribute("aria-label")) ?? "";
  }

  /** How it looks. */
  async kind(): Promise<Kind> {
    const classes = (await this.locator.getAttribute("class")) ?? "";
    return (/\b(prominent|remote|warning|error|offline)-kind\b/.exec(classes)?.[1] ?? "standard") as Kind;
  }

  /** Rest the mouse on it until its tooltip shows. */
  async hover(): Promise<Locator> {
    await this.page.mouse.move(640, 300);
    await this.locator.hover();
    const tooltip = this.page.locator(".workbench-hover .hover-contents").first();
    await tooltip.waitFor();
    return tooltip;
  }

  /** The text that shows when the mouse rests on it. */
  async tooltip(): Promise<string> {
    const text = await (await this.hover()).innerText();
    await this.page.mouse.move(640, 300);
    return text.replaceAll("\u00a0", " ");
  }

  async click(): Promise<void> {
    await this.locator.click();
  }
}

/** The list, or the box, at the top of the window that asks for one thing. */
export class Pick {
  private readonly page: Page;
  private readonly widget: Locator;

  constructor(page: Page) {
    this.page = page;
    this.widget = page.locator(".quick-input-widget:visible");
  }

  /** Resolves when it is there. */
  async opened(): Promise<void> {
    await this.input().waitFor();
  }

  /** What is in the box. */
  async value(): Promise<string> {
    return this.input().inputValue();
  }

  /** What is in the box, or nothing where there is none: an answer without waiting. */
  async values(): Promise<string[]> {
    return this.input().evaluateAll((boxes) =>
      boxes.map((box) => (box instanceof HTMLInputElement ? box.value : "")),
    );
  }

  /** Type a text over what is there. */
  async fill(text: string, options?: { readonly timeout: number }): Promise<void> {
    await this.input().fill(text, options);
  }

  /** Type a text and press Enter. */
  async enter(text: string): Promise<void> {
    await this.fill(text);
    await this.page.keyboard.press("Enter");
  }

  /** Type a text over the one that the box proposes, once it does, and press Enter. */
  async replace(proposed: string, text: string): Promise<void> {
    await expect.poll(async () => this.value(), shown).toBe(proposed);
    await this.enter(text);
  }

  /** Leave without choosing. */
  async cancel(): Promise<void> {
    await this.page.keyboard.press("Escape");
    await this.closed();
  }

  /** Resolves when it is gone: what was entered has been looked at and taken. */
  async closed(): Promise<void> {
    await this.widget.waitFor({ state: "hidden" });
  }

  /** The rows whose label, without icons, is or matches the text. */
  row(label: string | RegExp): Locator {
    const name = typeof label === "string" ? new RegExp(`^\\s*${escape(label)}\\s*$`) : label;
    return this.widget
      .locator(".quick-input-list .monaco-list-row")
      .filter({ has: this.page.locator(".label-name", { hasText: name }) });
  }

  /** Choose the first such row. */
  async choose(label: string | RegExp): Promise<void> {
    await this.row(label).first().click();
  }

  /** Tick the first such row of a list that takes several. */
  async tick(label: string | RegExp): Promise<void> {
    await this.row(label).locator(".monaco-checkbox, input[type=checkbox]").first().click();
  }

  /** Take what is ticked. */
  async accept(): Promise<void> {
    await this.widget.locator(".quick-input-action .monaco-button", { hasText: "OK" }).click();
  }

  /** Press a button of the first such row, as it shows under the mouse. */
  async pressButton(label: string | RegExp, button: string): Promise<void> {
    const row = this.row(label).first();
    await row.hover();
    await row.locator(`.quick-input-list-entry-action-bar .action-label[aria-label="${button}"]`).click();
  }

  /** Go back to the question before. */
  async back(): Promise<void> {
    await this.widget.locator(".codicon-quick-input-back").click();
  }

  /** The whole texts of the rows on screen, as screen readers say them, in order. */
  async rows(): Promise<string[]> {
    const rows = this.widget.locator(".quick-input-list .monaco-list-row");
    const placed = await rows.evaluateAll((elements) =>
      elements.map((element) => ({
        index: Number(element.getAttribute("data-index")),
        text: element.getAttribute("aria-label") ?? "",
      })),
    );
    return placed.sort((left, right) => left.index - right.index).map(({ text }) => text);
  }

  /** The names of the groups on screen, in order. */
  async groups(): Promise<string[]> {
    return this.widget.locator(".quick-input-list-separator:visible").allInnerTexts();
  }

  /** The sentence below the box, e.g. why a value is not taken. */
  async message(): Promise<string> {
    return this.widget.locator(".quick-input-message").innerText();
  }

  private input(): Locator {
    return this.widget.locator("input[type=text]");
  }
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
