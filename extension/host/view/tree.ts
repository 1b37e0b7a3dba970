/** What the view "Python Environments" shows; each row's own rows are asked for when it is opened. */
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
/** Answers come one by one, and a tool writes its files one after the other. */
const REST_MS = 100;
/** VS Code hears of a change at once, unless another one came within 200 ms: then at a time that is not known here. */
const APART_MS = 250;
/** That no open folder has an environment: the view says so in its own words. */
const NONE_KEY = "pythonWorkflow.noEnvironment";

/** The way to the folder's trust, below what the view says of it. */
const NOT_TRUSTED: NoteNode = { kind: "note", what: "not-trusted" };

/** The rows of the view. VS Code asks for none of them while the view is hidden. */
export class EnvironmentTree implements vscode.TreeDataProvider<ViewNode>, vscode.Disposable {
  private readonly services: Services;
  private readonly nested: NestedProjects;
  private readonly changes = new vscode.EventEmitter<undefined>();
  /** The machine's, once they were looked for. */
  private pythons: Promise<readonly Environment[]> | undefined;
  private soon: NodeJS.Timeout | undefined;
  /** When VS Code was last told of a change, in milliseconds. */
  private told = -APART_MS;
  private showsMachine = false;
  /** Requests for rows that are not answered yet. */
  private awaited = 0;
  /** VS Code was told of a change while it waited for rows. */
  private isOvertaken = false;

  readonly onDidChangeTreeData = this.changes.event;

  constructor(services: Services, nested: NestedProjects) {
    this.services = services;
    this.nested = nested;
  }

  /** Has all that is open asked for again, once nothing more happens. */
  refresh(): void {
    clearTimeout(this.soon);
    const rest = Math.max(REST_MS, this.told + APART_MS - performance.now());
    this.soon = setTimeout(() => {
      this.told = performance.now();
      this.isOvertaken = this.awaited > 0;
      this.changes.fire(undefined);
    }, rest);
  }

  /** Has the machine looked at anew when its row is opened, or is open. */
  forgetPythons(): void {
    this.pythons = undefined;
  }

  /** Shows the row of the machine, also where no folder has an environment. */
  showMachine(): void {
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
    this.awaited += 1;
    try {
      return [...(await this.rowsOf(node))];
    } catch (error) {
      this.services.log.debug(`No rows of the view: ${String(error)}`);
      return [failure(node, error)];
    } finally {
      this.awaited -= 1;
      // VS Code drops rows that a change overtook, and may show nothing below an open row.
      if (this.awaited === 0 && this.isOvertaken) {
        this.refresh();
      }
    }
  }

  dispose(): void {
    clearTimeout(this.soon);
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
    // What is found later is shown then.
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
    this.pythons ??= this.services.helper.request(Pythons, {}).then(({ pythons }) => pythons);
    try {
      return await this.pythons;
    } catch (error) {
      this.pythons = undefined;
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
