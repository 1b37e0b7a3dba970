/** "Select Interpreter". */
import { homedir } from "node:os";

import * as vscode from "vscode";

import type { HelperClient } from "../core/client.ts";
import { expandHome, shortenHome } from "../core/paths.ts";
import { type PickerAction, type PickerRow, pickerRows } from "../core/picker.ts";
import { whyNotPath } from "../core/settings.ts";
import { Environments, Forget, Select } from "../protocol.ts";
import type { Interpreters } from "./interpreters.ts";
import type { Parts } from "./parts.ts";

interface Item extends vscode.QuickPickItem {
  readonly action?: PickerAction;
}

/** "Select Interpreter" and "Clear Selection". */
export function registerPicker({ commands, helper, interpreters }: Parts): vscode.Disposable {
  return vscode.Disposable.from(
    commands.about("selectInterpreter", async (place) => selectInterpreter(helper, interpreters, place)),
    commands.about("clearSelection", async (place) => {
      interpreters.take([await helper.request(Forget, { uri: place.toString() })], "change");
    }),
  );
}

/** Lets the user pick an interpreter for a place, and has it remembered. Rejects with HelperError. */
async function selectInterpreter(
  helper: HelperClient,
  interpreters: Interpreters,
  place: vscode.Uri,
): Promise<void> {
  const uri = place.toString();
  const found = await helper.request(Environments, { uri });
  const rows = pickerRows(found, { platform: process.platform, home: homedir() });
  const picked = await pick(rows, found.root);
  switch (picked?.kind) {
    case undefined:
      return;
    case "refuse":
      await vscode.window.showWarningMessage(picked.reason);
      return;
    case "create":
      await vscode.commands.executeCommand("pythonWorkflow.createEnvironment", place);
      return;
    case "enterPath": {
      const path = await enterPath(found.root);
      return path === undefined ? undefined : remember(helper, interpreters, uri, path);
    }
    case "none":
      return remember(helper, interpreters, uri, "none");
    case "select":
      return remember(helper, interpreters, uri, picked.selection);
  }
}

/** Has a selection remembered, and shows what holds then. Rejects with HelperError. */
export async function remember(
  helper: HelperClient,
  interpreters: Interpreters,
  uri: string,
  selection: string,
): Promise<void> {
  const answer = await helper.request(Select, { uri, selection });
  interpreters.take([answer], "change");
}

async function pick(rows: readonly PickerRow[], root: string): Promise<PickerAction | undefined> {
  const items = rows.map(toItem);
  return new Promise((resolve) => {
    const box = vscode.window.createQuickPick<Item>();
    box.title = vscode.l10n.t(
      "Select Interpreter for {0}",
      shortenHome(process.platform, homedir(), root),
    );
    box.placeholder = vscode.l10n.t(
      "An environment of the project, a Python of this machine, or a path",
    );
    box.matchOnDescription = true;
    box.matchOnDetail = true;
    box.items = items;
    box.activeItems = items.filter((_, index) => isActive(rows[index]));
    box.onDidAccept(() => {
      resolve(box.selectedItems[0]?.action);
      box.hide();
    });
    box.onDidHide(() => {
      resolve(undefined);
      box.dispose();
    });
    box.show();
  });
}

function isActive(row: PickerRow | undefined): boolean {
  return row?.kind === "choice" && row.active;
}

function toItem(row: PickerRow): Item {
  if (row.kind === "separator") {
    return { kind: vscode.QuickPickItemKind.Separator, label: row.label };
  }
  const { action, description, detail, label } = row;
  return { action, description, detail, label };
}

async function enterPath(root: string): Promise<string | undefined> {
  const entered = await vscode.window.showInputBox({
    title: vscode.l10n.t("Interpreter for {0}", root),
    prompt: vscode.l10n.t("The full path of a Python interpreter, or of an environment's folder"),
    placeHolder: process.platform === "win32" ? "C:\\...\\python.exe" : "/.../bin/python",
    ignoreFocusOut: true,
    validateInput: (value) => {
      const reason = whyNotPath(value, process.platform);
      return reason === undefined ? undefined : vscode.l10n.t("This cannot be used: {0}", reason);
    },
  });
  return entered === undefined
    ? undefined
    : expandHome(process.platform, homedir(), entered.trim());
}
