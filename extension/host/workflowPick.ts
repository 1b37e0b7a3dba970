/** Lets the user choose a workflow, from a list or by its path. */
import * as vscode from "vscode";

import { whyNotPath } from "../core/settings.ts";
import type { ChoiceRow } from "../core/workflowChoices.ts";

/** Let the user choose a row; undefined when the user canceled. */
export async function pickRow<T>(
  title: string,
  rows: readonly ChoiceRow<T>[],
  placeHolder: string,
): Promise<T | undefined> {
  const items = rows.map(({ choice, current, detail, label }) => ({
    label,
    detail,
    choice,
    ...(current ? { description: vscode.l10n.t("current") } : {}),
  }));
  const picked = await vscode.window.showQuickPick(items, { title, placeHolder, matchOnDetail: true });
  return picked?.choice;
}

/** Ask for the path of a workflow's script, which may begin with `~`; undefined when the user canceled. */
export async function askWorkflowPath(title: string, current: unknown): Promise<string | undefined> {
  const entered = await vscode.window.showInputBox({
    title,
    prompt: vscode.l10n.t("Enter the full path of a script or a program. ~ is your home folder"),
    value: typeof current === "string" && whyNotPath(current, process.platform) === undefined ? current : "",
    ignoreFocusOut: true,
    validateInput: (value) => {
      const reason = whyNotPath(value, process.platform);
      return reason === undefined ? undefined : vscode.l10n.t("This path can't be used: {0}", reason);
    },
  });
  return entered?.trim();
}
