/** The projects inside the open folders: found by a bounded search when they are first needed, and kept up to date. */
import * as vscode from "vscode";

import { MOST_FILES, nestedFolders, NOT_SEARCHED, PROJECT_FILES } from "../core/nested.ts";
import type { Interpreters } from "./interpreters.ts";
import { workspaceFolders } from "./places.ts";

/** How long to wait after a change: a tool that creates a project writes its files one after the other. */
const REST_MS = 500;

/** Requests the answers for nested projects. */
export class NestedProjects implements vscode.Disposable {
  private readonly interpreters: Interpreters;
  private readonly log: vscode.LogOutputChannel;
  private searched: Promise<void> | undefined;
  private soon: NodeJS.Timeout | undefined;
  private subscriptions: readonly vscode.Disposable[] = [];

  constructor(interpreters: Interpreters, log: vscode.LogOutputChannel) {
    this.interpreters = interpreters;
    this.log = log;
  }

  /** Search for the projects if that was not done yet, and wait until it is. Never rejects. */
  async search(): Promise<void> {
    if (this.searched === undefined) {
      this.watch();
      this.searched = this.look();
    }
    return this.searched;
  }

  dispose(): void {
    clearTimeout(this.soon);
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  private watch(): void {
    const again = (): void => {
      clearTimeout(this.soon);
      this.soon = setTimeout(() => {
        this.searched = this.look();
      }, REST_MS);
    };
    const watcher = vscode.workspace.createFileSystemWatcher(PROJECT_FILES, false, true, true);
    this.subscriptions = [watcher, watcher.onDidCreate(again), vscode.workspace.onDidChangeWorkspaceFolders(again)];
  }

  private async look(): Promise<void> {
    try {
      const found = await Promise.all(
        workspaceFolders().map(async ({ path, uri }) => {
          const below = new vscode.RelativePattern(vscode.Uri.parse(uri, true), PROJECT_FILES);
          const files = await vscode.workspace.findFiles(below, NOT_SEARCHED, MOST_FILES);
          return nestedFolders(path, files.map(({ fsPath }) => fsPath), process.platform);
        }),
      );
      await this.interpreters.resolveAll([...new Set(found.flat())].map((path) => vscode.Uri.file(path).toString()));
    } catch (error) {
      this.log.debug(`No nested projects: ${String(error)}`);
    }
  }
}
