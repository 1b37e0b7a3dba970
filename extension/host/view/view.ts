/** The view "Python Environments", and the commands that only it has. */
import * as vscode from "vscode";

import type { ViewNode } from "../../core/view.ts";
import { PackageCommands } from "../managePackages.ts";
import type { NestedProjects } from "../nestedProjects.ts";
import type { Services } from "../services.ts";
import { EnvironmentTree } from "./tree.ts";

const VIEW_ID = "pythonWorkflow.environments";
/**
 * The pattern of files to watch for packages that are installed in a terminal. It works only for environments in an
 * open folder.
 */
const DIST_INFO_GLOB = "**/*.dist-info";

/** Register the view, the commands of its rows, and those about packages. */
export function registerView(services: Services, nested: NestedProjects): vscode.Disposable {
  const { commands, interpreters, sync } = services;
  const tree = new EnvironmentTree(services, nested);
  const packages = new PackageCommands(services);
  const view = vscode.window.createTreeView(VIEW_ID, { treeDataProvider: tree, showCollapseAll: true });
  const restricted = vscode.l10n.t("This workspace isn't trusted. Its environments are only read from files, and can't be changed.");
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
    watchPackages(view, refresh),
    view.onDidCollapseElement(({ element }) => {
      tree.close(element);
    }),
    view.onDidChangeVisibility(({ visible }) => {
      if (!visible) {
        tree.hide();
      }
    }),
    commands.plain("refreshEnvironments", async () => {
      tree.clearMachinePythons();
      await interpreters.refresh();
    }),
    commands.plain("showMachinePythons", async () => {
      tree.showMachinePythons();
      return Promise.resolve();
    }),
    commands.plain("deleteFocusedRow", async () => deleteRow(await focusedRow(view))),
  );
}

/**
 * Return the row that has the keyboard focus.
 *
 * VS Code reports which rows are selected but not which one is focused, so toggle the selection of the focused row, see which
 * row changed, and toggle it back.
 */
async function focusedRow(view: vscode.TreeView<ViewNode>): Promise<ViewNode | undefined> {
  const before = view.selection;
  await vscode.commands.executeCommand("list.toggleSelection");
  const after = view.selection;
  await vscode.commands.executeCommand("list.toggleSelection");
  return after.find((node) => !before.includes(node)) ?? before.find((node) => !after.includes(node));
}

/** Delete the environment or the package of a row, as its menu would. */
async function deleteRow(node: ViewNode | undefined): Promise<void> {
  if (node?.kind === "environment") {
    await vscode.commands.executeCommand("pythonWorkflow.deleteEnvironment", node);
  } else if (node?.kind === "package") {
    await vscode.commands.executeCommand("pythonWorkflow.uninstallPackage", node);
  }
}

/** Watch the installed packages, from the first time that the packages of an environment are shown. */
function watchPackages(view: vscode.TreeView<ViewNode>, onChange: () => void): vscode.Disposable {
  let watcher: vscode.FileSystemWatcher | undefined;
  const opened = view.onDidExpandElement(({ element }) => {
    if (element.kind === "environment" && watcher === undefined) {
      // Ignores changes, but neither creation nor deletion.
      watcher = vscode.workspace.createFileSystemWatcher(DIST_INFO_GLOB, false, true, false);
      watcher.onDidCreate(onChange);
      watcher.onDidDelete(onChange);
    }
  });
  return new vscode.Disposable(() => {
    opened.dispose();
    watcher?.dispose();
  });
}
