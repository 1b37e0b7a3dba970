/** The rows of the view "Python Environments"; a row's children are requested when it is opened. */
import { homedir } from "node:os";

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
import { type Environment, Environments, Pythons } from "../../protocol.ts";
import type { NestedProjects } from "../nestedProjects.ts";
import type { Services } from "../services.ts";
import { workspaceFolders } from "../places.ts";

const display = { platform: process.platform, home: homedir() };
/** Answers come one by one, and a tool writes its files one after the other: wait until no more come. */
const REST_MS = 100;
/** VS Code shows a change at once, unless another one came within 200 ms: then at a time that is not known here. */
const MIN_INTERVAL_MS = 250;
/** The context key for that no open folder has an environment: the view then shows its welcome text. */
const NONE_KEY = "pythonWorkflow.noEnvironment";

/** The row that leads to the folder's trust, below the view's message about it. */
const NOT_TRUSTED: NoteNode = { kind: "note", what: "not-trusted" };

/** The rows of the view. VS Code asks for none of them while the view is hidden. */
export class EnvironmentTree implements vscode.TreeDataProvider<ViewNode>, vscode.Disposable {
  private readonly services: Services;
  private readonly nested: NestedProjects;
  private readonly changes = new vscode.EventEmitter<undefined>();
  /** The machine's Pythons, once they were searched for. */
  private machinePythons: Promise<readonly Environment[]> | undefined;
  private refreshTimer: NodeJS.Timeout | undefined;
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
    const delay = Math.max(REST_MS, this.lastFiredAt + MIN_INTERVAL_MS - performance.now());
    this.refreshTimer = setTimeout(() => {
      this.lastFiredAt = performance.now();
      this.isOvertaken = this.pendingRequests > 0;
      this.changes.fire(undefined);
    }, delay);
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
    this.pendingRequests += 1;
    try {
      return [...(await this.rowsOf(node))];
    } catch (error) {
      this.services.log.debug(`No rows of the view: ${String(error)}`);
      return [failure(node, error)];
    } finally {
      this.pendingRequests -= 1;
      // VS Code drops rows that a change overtook, and may show nothing below an open row.
      if (this.pendingRequests === 0 && this.isOvertaken) {
        this.refresh();
      }
    }
  }

  dispose(): void {
    clearTimeout(this.refreshTimer);
    this.changes.dispose();
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

  /** Whether no project has an environment, not even one that cannot be used. */
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
