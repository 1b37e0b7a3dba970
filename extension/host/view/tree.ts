/** The rows of the view "Python Environments"; a row's children are requested when it is opened. */
import { homedir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";

import * as vscode from "vscode";

import { Packages } from "../../acts.ts";
import {
  environmentNodes,
  type FolderNode,
  type NoteNode,
  packageNodes,
  projects,
  pythonNodes,
  type ViewNode,
  viewRow,
} from "../../core/view.ts";
import { OneQueued } from "../../core/queue.ts";
import { type Environment, Environments, Pythons } from "../../protocol.ts";
import type { NestedProjects } from "../nestedProjects.ts";
import type { Services } from "../services.ts";
import { workspaceFolders } from "../places.ts";

const display = { platform: process.platform, home: homedir() };
/** Answers come one by one, and a tool writes its files one after the other: wait until no more come. */
const REST_MS = 100;
/** VS Code shows a change at once, unless another one came within 200 ms: then at a time that is not known here. */
const MIN_INTERVAL_MS = 250;
/** VS Code requests the rows of a change at once. */
const REQUESTED_MS = 1_000;
/** The context key that no open folder has an environment: the view then shows its welcome text. */
const NONE_KEY = "pythonWorkflow.noEnvironment";

/** The row that leads to the folder's trust, below the view's message about it. */
const NOT_TRUSTED: NoteNode = { kind: "note", what: "not-trusted" };

/** Rows by the key of their parent row. */
type Rows = ReadonlyMap<string, readonly ViewNode[]>;

/**
 * The rows of the view. VS Code asks for none of them while the view is hidden.
 *
 * After a change is reported, the buttons of the rows that are still shown do nothing until VS Code has the new rows.
 * So the new rows are prepared before a change is reported, and none is reported where they are the same.
 */
export class EnvironmentTree implements vscode.TreeDataProvider<ViewNode>, vscode.Disposable {
  private readonly services: Services;
  private readonly nested: NestedProjects;
  private readonly changes = new vscode.EventEmitter<undefined>();
  /** The machine's Pythons, once they were searched for. */
  private machinePythons: Promise<readonly Environment[]> | undefined;
  private refreshTimer: NodeJS.Timeout | undefined;
  private readonly renewing = new OneQueued(async () => this.renew());
  /** Every row that is open, and the rows below it as VS Code has them. */
  private readonly shown = new Map<string, readonly ViewNode[]>();
  /** The rows of a change, for VS Code to request. */
  private renewed: Rows = new Map();
  /** When a change was last reported to VS Code, in milliseconds. */
  private lastFiredAt = -MIN_INTERVAL_MS;
  private showsMachine = false;
  /** The number of requests for rows that have no response yet. */
  private pendingRequests = 0;
  /** A change was reported while VS Code waited for rows. */
  private isOvertaken = false;

  readonly onDidChangeTreeData = this.changes.event;

  constructor(services: Services, nested: NestedProjects) {
    this.services = services;
    this.nested = nested;
  }

  /** Make VS Code request all rows that are open again, once nothing more happens. */
  refresh(): void {
    clearTimeout(this.refreshTimer);
    this.refreshTimer = setTimeout(() => void this.renewing.request(), REST_MS);
  }

  /** Treat a row as closed: the rows below it are requested when it is opened again. */
  close(node: ViewNode): void {
    this.shown.delete(keyOf(node));
    if (node.kind === "pythons") {
      this.clearMachinePythons();
    }
  }

  /** Treat all rows as closed: VS Code requests them when the view is shown again. */
  hide(): void {
    this.shown.clear();
  }

  /** Forget the machine's Pythons, so that they are searched for again when their row is opened, or is open. */
  clearMachinePythons(): void {
    this.machinePythons = undefined;
  }

  /** Show the row of the machine's Pythons, also where no folder has an environment. */
  showMachinePythons(): void {
    this.showsMachine = true;
    this.refresh();
  }

  getTreeItem(node: ViewNode): vscode.TreeItem {
    const { click, context, description, icon, id, label, rows, spoken, tooltip } = viewRow(node, display);
    const item = new vscode.TreeItem(label, STATES[rows]);
    item.id = id;
    item.description = description;
    item.tooltip = new vscode.MarkdownString(tooltip, true);
    item.contextValue = context;
    item.accessibilityInformation = { label: spoken };
    item.iconPath =
      icon.color === undefined ? new vscode.ThemeIcon(icon.name) : new vscode.ThemeIcon(icon.name, new vscode.ThemeColor(icon.color));
    if (click !== undefined) {
      item.command = { command: click, title: "", arguments: [node] };
    }
    return item;
  }

  async getChildren(node?: ViewNode): Promise<ViewNode[]> {
    const key = keyOf(node);
    this.pendingRequests += 1;
    try {
      const isRecent = performance.now() - this.lastFiredAt < REQUESTED_MS;
      const rows = (isRecent ? this.renewed.get(key) : undefined) ?? (await this.rowsBelow(node));
      this.shown.set(key, rows);
      return [...rows];
    } finally {
      this.pendingRequests -= 1;
      // VS Code drops rows that a change overtook, and may show nothing below an open row.
      if (this.pendingRequests === 0 && this.isOvertaken) {
        this.shown.clear();
        this.refresh();
      }
    }
  }

  dispose(): void {
    clearTimeout(this.refreshTimer);
    this.changes.dispose();
  }

  /** Report the open rows that changed to VS Code. Never rejects. */
  private async renew(): Promise<void> {
    const rows = new Map<string, readonly ViewNode[]>();
    if (this.shown.size > 0) {
      await this.collect(undefined, rows);
      const isSame = [...rows].every(([key, below]) => isDeepStrictEqual(below, this.shown.get(key)));
      [...this.shown.keys()].filter((key) => !rows.has(key)).forEach((key) => this.shown.delete(key));
      if (isSame) {
        return;
      }
    }
    await sleep(Math.max(0, this.lastFiredAt + MIN_INTERVAL_MS - performance.now()));
    this.renewed = rows;
    this.lastFiredAt = performance.now();
    this.isOvertaken = this.pendingRequests > 0;
    this.changes.fire(undefined);
  }

  private async collect(node: ViewNode | undefined, rows: Map<string, readonly ViewNode[]>): Promise<void> {
    const below = await this.rowsBelow(node);
    rows.set(keyOf(node), below);
    const open = below.filter((row) => this.shown.has(keyOf(row)));
    await Promise.all(open.map(async (row) => this.collect(row, rows)));
  }

  /** Return the rows below a row, or a note why there are none. Never rejects. */
  private async rowsBelow(node: ViewNode | undefined): Promise<readonly ViewNode[]> {
    try {
      return await this.rowsOf(node);
    } catch (error) {
      this.services.log.debug(`No rows of the view: ${String(error)}`);
      return [failure(node, error)];
    }
  }

  private async rowsOf(node: ViewNode | undefined): Promise<readonly ViewNode[]> {
    const { helper } = this.services;
    switch (node?.kind) {
      case undefined:
        return this.top();
      case "folder":
        return environmentNodes(node, await this.environments(node.uri), this.services.sync.outOfSync(node.answer.root));
      case "environment": {
        const { environment, uri } = node;
        const { packages } = await helper.request(Packages, { uri, environment: environment.prefix });
        return packageNodes(node, packages);
      }
      case "pythons":
        return pythonNodes(await this.machine());
      case "package":
      case "python":
      case "note":
        return [];
    }
  }

  private async top(): Promise<readonly ViewNode[]> {
    const open = workspaceFolders();
    if (open.length === 0) {
      return [];
    }
    const { interpreters } = this.services;
    const folders = await Promise.all(
      open.map(async ({ path, uri }) => {
        const { name } = vscode.workspace.getWorkspaceFolder(vscode.Uri.parse(uri, true)) ?? { name: path };
        return { uri, path, name, answer: await interpreters.resolve(uri) };
      }),
    );
    // Projects that are found later are shown then.
    void this.nested.search();
    const nodes = projects(folders, interpreters.all(), process.platform, (path) => vscode.Uri.file(path).toString());
    const none = !this.showsMachine && (await this.hasNone(nodes));
    await vscode.commands.executeCommand("setContext", NONE_KEY, none);
    return none ? [] : [...(vscode.workspace.isTrusted ? [] : [NOT_TRUSTED]), ...nodes, { kind: "pythons" }];
  }

  /** Return whether no project has an environment, not even one that cannot be used. */
  private async hasNone(nodes: readonly FolderNode[]): Promise<boolean> {
    if (nodes.some(({ answer }) => answer.environment !== null)) {
      return false;
    }
    const listed = await Promise.all(nodes.map(async ({ uri }) => this.environments(uri)));
    return listed.every((environments) => environments.length === 0);
  }

  private async environments(uri: string): Promise<readonly Environment[]> {
    const { environments } = await this.services.helper.request(Environments, { uri, pythons: false });
    return environments;
  }

  private async machine(): Promise<readonly Environment[]> {
    this.machinePythons ??= this.services.helper.request(Pythons, {}).then(({ pythons }) => pythons);
    try {
      return await this.machinePythons;
    } catch (error) {
      this.machinePythons = undefined;
      throw error;
    }
  }
}

/** Return the key of a row, which stays the same as long as it is shown; empty for the view itself. */
function keyOf(node: ViewNode | undefined): string {
  return node === undefined ? "" : viewRow(node, display).id;
}

const STATES = {
  none: vscode.TreeItemCollapsibleState.None,
  closed: vscode.TreeItemCollapsibleState.Collapsed,
  open: vscode.TreeItemCollapsibleState.Expanded,
} as const;

function failure(node: ViewNode | undefined, error: unknown): NoteNode {
  const message = error instanceof Error ? error.message : String(error);
  const uri = node !== undefined && "uri" in node ? node.uri : undefined;
  return { kind: "note", what: "failure", message, ...(uri === undefined ? {} : { uri }) };
}
