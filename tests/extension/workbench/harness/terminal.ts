import { readFileSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";

import type { Locator } from "playwright-core";
import { expect } from "vitest";

import type { Machine } from "./machine.ts";
import { shown } from "./waiting.ts";
import type { Workbench } from "./workbench.ts";

/** What a terminal says of itself. */
export interface TerminalState {
  /** What `python` is. */
  readonly python: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Every command that was entered in it, by whomever, before it was asked. */
  readonly typed: readonly string[];
}

/** The terminal that is shown, as a person uses it: a bash, so that it can say what was typed into it. */
export class Terminal {
  private readonly machine: Machine;
  private readonly workbench: Workbench;
  private asked = 0;

  constructor(machine: Machine, workbench: Workbench) {
    this.machine = machine;
    this.workbench = workbench;
  }

  /**
   * Open a new one; where several folders are open, in that of the name. Resolves when it has the keys.
   *
   * @param environment what its process is to have as `VIRTUAL_ENV`: one that is opened before the extension knows is
   * started anew by VS Code, as long as nobody has used it
   */
  async open({ environment, folder }: { readonly environment?: string; readonly folder?: string } = {}): Promise<void> {
    await this.workbench.run("Terminal: Create New Terminal");
    if (folder !== undefined) {
      await this.workbench.pick.choose(folder);
    }
    await this.ready(environment);
  }

  /** Resolves when its shell, or another program, has shown its prompt, and it has the keys. */
  async ready(environment?: string, prompt = /\$/): Promise<void> {
    if (environment !== undefined) {
      await expect.poll(() => this.environments(), shown).toContain(environment);
    }
    await expect.poll(async () => this.text(), shown).toMatch(prompt);
    // The one before stays for a moment.
    await expect.poll(async () => this.input().count(), shown).toBe(1);
    await this.input().click({ force: true });
    await expect
      .poll(async () => this.workbench.page.evaluate(() => document.activeElement?.className ?? ""), shown)
      .toContain("xterm-helper-textarea");
  }

  /** What is on screen. */
  async text(): Promise<string> {
    const rows = await this.workbench.page.locator(".terminal-wrapper.active .xterm-rows > div").allInnerTexts();
    return rows.join("\n").replaceAll("\u00a0", " ").trim();
  }

  /** Type a line and press Enter. */
  async enter(line: string): Promise<void> {
    await this.workbench.page.keyboard.type(line);
    await this.workbench.page.keyboard.press("Enter");
  }

  /** Ask it. */
  async state(): Promise<TerminalState> {
    this.asked += 1;
    const file = `${this.machine.home}/terminal-${this.asked}`;
    let output = "";
    const answers = async (): Promise<boolean> => {
      await this.enter(` { history; echo ===; command -v python; echo ===; env; } > ${file}.part; mv ${file}.part ${file}`);
      const read = async (): Promise<string> => (output = await readFile(file, "utf8").catch(() => ""));
      await expect.poll(read, { ...shown, timeout: 15_000 }).not.toBe("").catch(() => undefined);
      if (output === "") {
        // A shell that VS Code started anew meanwhile has lost the beginning of the line.
        await this.workbench.page.keyboard.press("Control+c");
      }
      return output !== "";
    };
    await expect.poll(answers, shown).toBe(true);
    await rm(file);
    const [typed = "", python = "", variables = ""] = output.split("===\n");
    return {
      python: python.trim(),
      typed: typed
        .split("\n")
        .map((line) => line.replace(/^\s*\d+\*?\s*/, ""))
        .filter((line) => line !== "" && !line.includes(`${this.machine.home}/terminal-`)),
      variables: Object.fromEntries(
        variables.split("\n").flatMap((line) => {
          const [name = "", ...value] = line.split("=");
          return value.length === 0 ? [] : [[name, value.join("=")]];
        }),
      ),
    };
  }

  /** The signs of the terminals whose environment is another one now, in the list or, of a single one, in the title. */
  signs(): Locator {
    const panel = this.workbench.page.locator(".part.panel");
    return panel.locator(".single-terminal-tab .codicon-warning, .terminal-tabs-entry [class*=decoration-iconBadge]");
  }

  /** What the shells of all terminals were started with as `VIRTUAL_ENV`. */
  private environments(): readonly string[] {
    return this.workbench.server.processes("shellIntegration-bash").flatMap(({ pid }) => {
      const variables = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
      return variables.flatMap((variable) => /^VIRTUAL_ENV=(.*)$/.exec(variable)?.[1] ?? []);
    });
  }

  private input(): Locator {
    return this.workbench.page.locator(".terminal-wrapper.active .xterm-screen");
  }
}
