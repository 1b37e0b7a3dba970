/** The interpreter in the status bar. */
import { homedir } from "node:os";

import * as vscode from "vscode";

import { helperlessView, type StatusView, statusView, TOOLTIP_COMMANDS } from "../core/statusView.ts";
import type { FileProblems } from "./fileProblems.ts";
import type { Interpreters } from "./interpreters.ts";
import type { EnvironmentSync } from "./sync.ts";
import { activePlace } from "./places.ts";
import { isAboutPython, isPythonFileActive } from "./pythonPlaces.ts";
import { helperPythonCommand } from "./settings.ts";

const ITEM_ID = "interpreter";
const PRIORITY = 100;
const display = { platform: process.platform, home: homedir() };

/** Shows the interpreter of the active editor's file, else of the first folder. */
export class StatusBar implements vscode.Disposable {
  private readonly interpreters: Interpreters;
  private readonly sync: EnvironmentSync;
  private readonly fileProblems: FileProblems;
  private readonly log: vscode.LogOutputChannel;
  private readonly item: vscode.StatusBarItem;
  private readonly subscriptions: vscode.Disposable;
  private helperProblem: string | undefined;
  private updates = 0;

  constructor(interpreters: Interpreters, sync: EnvironmentSync, fileProblems: FileProblems, log: vscode.LogOutputChannel) {
    this.fileProblems = fileProblems;
    this.interpreters = interpreters;
    this.sync = sync;
    this.log = log;
    this.item = vscode.window.createStatusBarItem(
      ITEM_ID,
      vscode.StatusBarAlignment.Right,
      PRIORITY,
    );
    this.item.name = vscode.l10n.t("Python Interpreter");
    const update = (): void => {
      void this.update();
    };
    this.subscriptions = vscode.Disposable.from(
      this.item,
      interpreters.onDidChange(update),
      interpreters.onDidRefresh(update),
      sync.onDidChange(update),
      fileProblems.onDidChange(update),
      vscode.window.onDidChangeActiveTextEditor(update),
      vscode.window.onDidChangeActiveNotebookEditor(update),
      vscode.window.tabGroups.onDidChangeTabs(update),
      vscode.workspace.onDidChangeWorkspaceFolders(update),
    );
  }

  /**
   * Show that the helper isn't running.
   *
   * @param reason why no Python can run it; undefined when one does
   */
  setHelperProblem(reason: string | undefined): void {
    this.helperProblem = reason;
    void this.update();
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  private async update(): Promise<void> {
    this.updates += 1;
    const { updates } = this;
    const view = await this.view();
    // The editor may have moved on while a view was made.
    if (updates !== this.updates) {
      return;
    }
    if (view === undefined) {
      this.item.hide();
    } else {
      this.show(view);
    }
  }

  private async view(): Promise<StatusView | undefined> {
    const fileActive = isPythonFileActive();
    const place = activePlace()?.toString();
    if (this.helperProblem !== undefined) {
      return fileActive ? helperlessView(this.helperProblem) : undefined;
    }
    if (place === undefined) {
      return undefined;
    }
    try {
      const answer = this.interpreters.get(place) ?? (await this.interpreters.resolve(place));
      const outOfSync = this.sync.outOfSync(answer.root);
      const fileProblems = this.fileProblems.get(answer.root);
      return fileActive || (await isAboutPython(answer)) ? statusView(answer, display, { outOfSync, fileProblems }) : undefined;
    } catch (error) {
      this.log.debug(`No answer about ${place}: ${String(error)}`);
      return undefined;
    }
  }

  private show(view: StatusView): void {
    this.item.text = view.text;
    const tooltip = new vscode.MarkdownString(view.tooltip, true);
    tooltip.isTrusted = { enabledCommands: TOOLTIP_COMMANDS };
    this.item.tooltip = tooltip;
    this.item.accessibilityInformation = { label: view.spoken };
    this.item.backgroundColor = view.warning
      ? new vscode.ThemeColor("statusBarItem.warningBackground")
      : undefined;
    const select = { command: "pythonWorkflow.selectInterpreter", title: "", arguments: [activePlace()] };
    this.item.command = this.helperProblem === undefined ? select : helperPythonCommand();
    this.item.show();
  }
}
