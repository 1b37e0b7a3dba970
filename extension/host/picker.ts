/** "Select Interpreter". */
import { existsSync } from "node:fs";
import { homedir } from "node:os";

import * as vscode from "vscode";

import type { HelperClient } from "../core/client.ts";
import { expandHome, shortenHome } from "../core/paths.ts";
import { elsewhereRows, type PickerAction, type PickerRow, pickerRows } from "../core/picker.ts";
import { asSentence } from "../core/displayText.ts";
import { whyNotPath } from "../core/settings.ts";
import type { Subject } from "../core/commandTarget.ts";
import { Elsewhere, type Environment, Environments, Forget, Select } from "../protocol.ts";
import type { Interpreters } from "./interpreters.ts";
import type { Services } from "./services.ts";
import { environmentFolders } from "./settings.ts";

interface PickerItem extends vscode.QuickPickItem {
  readonly action?: PickerAction | RowCommand;
  readonly buttons?: readonly RowButton[];
}

/** A command about the environment of a row. */
interface RowCommand {
  readonly kind: "command";
  readonly command: string;
  readonly environment: Environment;
}

interface RowButton extends vscode.QuickInputButton {
  readonly action: RowCommand;
}

/** Register "Select Interpreter" and "Clear Selection". */
export function registerPicker({ commands, helper, interpreters }: Services): vscode.Disposable {
  return vscode.Disposable.from(
    commands.about("selectInterpreter", async (place) => selectInterpreter(helper, interpreters, place)),
    commands.about("clearSelection", async (place) => {
      interpreters.store([await helper.request(Forget, { uri: place.toString() })], "change");
    }),
  );
}

/** Let the user select an interpreter for a place, and remember it. Rejects with HelperError. */
async function selectInterpreter(
  helper: HelperClient,
  interpreters: Interpreters,
  place: vscode.Uri,
): Promise<void> {
  const uri = place.toString();
  const found = helper.request(Environments, { uri });
  const rows = found.then((list) => pickerRows(list, { platform: process.platform, home: homedir() }));
  const picked = await pick(rows, interpreters.get(uri)?.root ?? place.fsPath);
  if (picked !== undefined) {
    const { root } = await found;
    await act(helper, interpreters, place, root, picked);
  }
}

/** Do what a row stands for. Rejects with HelperError. */
async function act(
  helper: HelperClient,
  interpreters: Interpreters,
  place: vscode.Uri,
  root: string,
  picked: PickerItem["action"],
): Promise<void> {
  const uri = place.toString();
  switch (picked?.kind) {
    case undefined:
      return;
    case "refuse":
      return refuse(picked.reason, uri, picked.environment);
    case "command":
      return runAbout(picked, uri);
    case "create":
      await vscode.commands.executeCommand("pythonWorkflow.createEnvironment", place);
      return;
    case "elsewhere":
      return act(helper, interpreters, place, root, await pickElsewhere(helper, uri));
    case "enterPath":
      return enterPath(root, async (path) => remember(helper, interpreters, uri, path));
    case "none":
      return remember(helper, interpreters, uri, "none");
    case "select":
      return remember(helper, interpreters, uri, picked.selection);
  }
}

/**
 * List the environments elsewhere on the machine, which are searched for only now, since there may be many. Rejects
 * with HelperError.
 */
async function pickElsewhere(helper: HelperClient, uri: string): Promise<PickerItem["action"]> {
  const found = await helper.request(Elsewhere, { uri, folders: environmentFolders() });
  if (found.environments.length === 0) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t("No other environments were found on this machine."),
    );
    return undefined;
  }
  const rows = elsewhereRows(found, { platform: process.platform, home: homedir() });
  return pick(Promise.resolve(rows), found.root);
}

/** Remember a selection, and show the new answer. Rejects with HelperError. */
export async function remember(
  helper: HelperClient,
  interpreters: Interpreters,
  uri: string,
  selection: string,
): Promise<void> {
  const answer = await helper.request(Select, { uri, selection });
  interpreters.store([answer], "change");
}

/** Show why an environment cannot be used; offer to recreate a broken one of the project. */
async function refuse(reason: string, uri: string, environment: Environment | undefined): Promise<void> {
  const recreate = vscode.l10n.t("Recreate Environment");
  const mends = environment?.status.state === "broken" ? [recreate] : [];
  const choice = await vscode.window.showWarningMessage(reason, ...mends);
  if (choice === recreate && environment !== undefined) {
    await runAbout({ kind: "command", command: "recreateEnvironment", environment }, uri);
  }
}

async function runAbout({ command, environment }: RowCommand, uri: string): Promise<void> {
  const row: Subject = { kind: "row", uri, environment };
  await vscode.commands.executeCommand(`pythonWorkflow.${command}`, row);
}

/** Show a list at once, and its rows when they have been loaded; the user may leave meanwhile. Rejects if the rows do. */
async function pick(rows: Promise<readonly PickerRow[]>, root: string): Promise<PickerItem["action"]> {
  const box = vscode.window.createQuickPick<PickerItem>();
  box.title = vscode.l10n.t("Select Interpreter for {0}", shortenHome(process.platform, homedir(), root));
  box.placeholder = vscode.l10n.t("Select an environment");
  box.matchOnDescription = true;
  box.matchOnDetail = true;
  box.busy = true;
  try {
    return await new Promise((resolve, reject) => {
      box.onDidAccept(() => {
        if (!box.busy) {
          resolve(box.selectedItems[0]?.action);
        }
      });
      box.onDidTriggerItemButton(({ button, item }) => {
        resolve(item.buttons?.find((one) => one === button)?.action);
      });
      box.onDidHide(() => {
        resolve(undefined);
      });
      box.show();
      rows.then((found) => {
        const items = found.map(toItem);
        box.items = items;
        if (box.value === "") {
          box.activeItems = items.filter((_, index) => isActive(found[index]));
        }
        box.busy = false;
      }, reject);
    });
  } finally {
    box.dispose();
  }
}

function isActive(row: PickerRow | undefined): boolean {
  return row?.kind === "choice" && row.active;
}

function toItem(row: PickerRow): PickerItem {
  if (row.kind === "separator") {
    return { kind: vscode.QuickPickItemKind.Separator, label: row.label };
  }
  const { action, description, detail, environment, label } = row;
  return { action, description, detail, label, buttons: environment === undefined ? [] : buttonsOf(environment) };
}

/** Return the buttons on the row of an environment of the project. */
function buttonsOf(environment: Environment): readonly RowButton[] {
  const button = (icon: string, tooltip: string, command: string): RowButton => ({
    iconPath: new vscode.ThemeIcon(icon),
    tooltip,
    action: { kind: "command", command, environment },
  });
  return [
    environment.status.state === "ok"
      ? button("package", vscode.l10n.t("Manage Packages..."), "managePackages")
      : button("wrench", vscode.l10n.t("Recreate Environment"), "recreateEnvironment"),
    button("trash", vscode.l10n.t("Delete Environment..."), "deleteEnvironment"),
  ];
}

/**
 * Let the user enter a path, until it is selected or they leave.
 *
 * @param take selects a path; if it rejects, the input box shows the error and stays open
 */
async function enterPath(root: string, take: (path: string) => Promise<void>): Promise<void> {
  const box = vscode.window.createInputBox();
  box.title = vscode.l10n.t("Interpreter for {0}", shortenHome(process.platform, homedir(), root));
  box.prompt = vscode.l10n.t("The full path of a Python interpreter, or of an environment's folder");
  box.placeholder = process.platform === "win32" ? "C:\\...\\python.exe" : "/.../bin/python";
  box.ignoreFocusOut = true;
  box.onDidChangeValue(() => {
    box.validationMessage = undefined;
  });
  box.onDidAccept(async () => {
    const path = expandHome(process.platform, homedir(), box.value.trim());
    box.validationMessage = whyNotEntered(path);
    if (box.validationMessage !== undefined) {
      return;
    }
    box.busy = true;
    try {
      await take(path);
      box.hide();
    } catch (error) {
      box.validationMessage = error instanceof Error ? asSentence(error.message) : String(error);
    } finally {
      box.busy = false;
    }
  });
  return new Promise((resolve) => {
    box.onDidHide(() => {
      box.dispose();
      resolve();
    });
    box.show();
  });
}

function whyNotEntered(path: string): string | undefined {
  const reason = whyNotPath(path, process.platform);
  if (reason !== undefined) {
    return vscode.l10n.t("This path can't be used: {0}", reason);
  }
  return existsSync(path) ? undefined : vscode.l10n.t("{0} doesn't exist.", shortenHome(process.platform, homedir(), path));
}
