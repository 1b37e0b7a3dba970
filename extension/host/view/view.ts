/** The view "Python Environments", and the commands that only it has. */
import * as vscode from "vscode";

import type { ViewNode } from "../../core/view.ts";
import { PackageCommands } from "../managePackages.ts";
import type { NestedProjects } from "../nestedProjects.ts";
import type { Services } from "../services.ts";
import { EnvironmentTree } from "./tree.ts";

const VIEW_ID = "pythonWorkflow.environments";
/** What a terminal installs is seen where an environment lies in an open folder. */
const INSTALLED = "**/*.dist-info";

/** The view, the commands of its rows, and those about packages. */
export function registerView(services: Services, nested: NestedProjects): vscode.Disposable {
  const { commands, interpreters, sync } = services;
  const tree = new EnvironmentTree(services, nested);
  const packages = new PackageCommands(services);
  const view = vscode.window.createTreeView(VIEW_ID, { treeDataProvider: tree, showCollapseAll: true });
  const restricted = vscode.l10n.t("Not trusted: shown by reading files, and nothing can be changed.");
  view.message = vscode.workspace.isTrusted ? "" : restricted;
  const refresh = (): void => {
    tree.refresh();
  };
  return vscode.Disposable.from(
    tree,
    packages,
    view,
    packages.onDidChange(refresh),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      view.message = "";
    }),
    interpreters.onDidChange(refresh),
    interpreters.onDidRefresh(refresh),
    sync.onDidChange(refresh),
    watchingPackages(view, refresh),
    view.onDidCollapseElement(({ element }) => {
      if (element.kind === "pythons") {
        tree.forgetPythons();
      }
    }),
    commands.plain("refreshEnvironments", async () => {
      tree.forgetPythons();
      await interpreters.refresh();
    }),
    commands.plain("showMachinePythons", async () => {
      tree.showMachine();
      return Promise.resolve();
    }),
    commands.plain("deleteFocusedRow", async () => deleteRow(await focusedRow(view))),
  );
}

/**
 * The row that the keys go to. VS Code tells which rows are selected, and not which one has the focus: turning the
 * selection of that one tells it apart, and turning it back leaves all as it was.
 */
async function focusedRow(view: vscode.TreeView<ViewNode>): Promise<ViewNode | undefined> {
  const before = view.selection;
  await vscode.commands.executeCommand("list.toggleSelection");
  const after = view.selection;
  await vscode.commands.executeCommand("list.toggleSelection");
  return after.find((node) => !before.includes(node)) ?? before.find((node) => !after.includes(node));
}

/** Deletes what a row shows, as its menu would. */
async function deleteRow(node: ViewNode | undefined): Promise<void> {
  if (node?.kind === "environment") {
    await vscode.commands.executeCommand("pythonWorkflow.deleteEnvironment", node);
  } else if (node?.kind === "package") {
    await vscode.commands.executeCommand("pythonWorkflow.uninstallPackage", node);
  }
}

/** Watches what is installed, from the first time that the packages of an environment are looked at. */
function watchingPackages(view: vscode.TreeView<ViewNode>, changed: () => void): vscode.Disposable {
  let watcher: vscode.FileSystemWatcher | undefined;
  const opened = view.onDidExpandElement(({ element }) => {
    if (element.kind === "environment" && watcher === undefined) {
      watcher = vscode.workspace.createFileSystemWatcher(INSTALLED, false, true, false);
      watcher.onDidCreate(changed);
      watcher.onDidDelete(changed);
    }
  });
  return new vscode.Disposable(() => {
    opened.dispose();
    watcher?.dispose();
  });
}
