import type { Locator } from "playwright-core";
import { expect } from "vitest";

import { shown } from "./waiting.ts";
import type { Workbench } from "./workbench.ts";

/** The debugger of VS Code, as its user sees it. */
export class Debugger {
  private readonly workbench: Workbench;

  constructor(workbench: Workbench) {
    this.workbench = workbench;
  }

  /** Open a file and set a breakpoint in a line of it; lines count from 1. */
  async breakAt(file: string, line: number): Promise<void> {
    const { page } = this.workbench;
    await this.workbench.openFile(file);
    // Without an editor to go to a line of, that list stays open.
    await page.locator(".editor-instance .monaco-editor.focused").first().waitFor();
    await page.keyboard.press("Control+g");
    await this.workbench.pick.enter(`:${line}`);
    await this.workbench.pick.closed();
    await page.keyboard.press("F9");
    await page.locator(".codicon-debug-breakpoint").first().waitFor();
  }

  /** Start a configuration of launch.json. */
  async start(configuration: string): Promise<void> {
    await this.workbench.run("Debug: Select and Start Debugging");
    await this.workbench.pick.choose(configuration);
  }

  /** Resolves when a program is stopped in a function of that name. */
  async stopsIn(name: string): Promise<void> {
    await this.frame(name).waitFor({ timeout: shown.timeout });
  }

  /** Go on, as a person does with F5. */
  async goOn(): Promise<void> {
    await this.workbench.page.keyboard.press("F5");
  }

  /** Resolves when nothing is debugged any more, and no debugger is left running. */
  async ends(): Promise<void> {
    await this.workbench.page.locator(".debug-toolbar").waitFor({ state: "hidden", timeout: shown.timeout });
    await expect.poll(() => this.processes(), shown).toEqual([]);
  }

  /** The command lines of the debugger's processes. */
  processes(): readonly string[] {
    return this.workbench.server.processes("libs/debugpy").map(({ command }) => command);
  }

  /** The local variables, as `name = value`. */
  async locals(): Promise<readonly string[]> {
    const rows = this.workbench.page.locator(".debug-variables .monaco-list-row");
    const closed = rows.and(this.workbench.page.locator('[aria-expanded="false"]', { hasText: /^Locals$/ }));
    if ((await closed.count()) > 0) {
      await closed.first().click();
    }
    return (await rows.allInnerTexts()).map((text) => text.replaceAll(/\s+/g, " ").trim());
  }

  private frame(name: string): Locator {
    return this.workbench.page.locator(".debug-call-stack .monaco-list-row .stack-frame", { hasText: name }).first();
  }
}

/** The lines of the terminal that is shown; VS Code has to draw it as text (`terminalAsText`). */
export async function terminalText(workbench: Workbench): Promise<string> {
  const rows = workbench.page.locator(".terminal-wrapper.active .xterm-rows > div");
  // A long line goes on in the next row.
  return (await rows.allInnerTexts()).join("\n").replaceAll("\u00a0", " ");
}

/** The setting that has VS Code draw terminals as text. */
export const terminalAsText = { "terminal.integrated.gpuAcceleration": "off" } as const;
