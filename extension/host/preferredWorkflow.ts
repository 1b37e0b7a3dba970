/** "Set My Preferred Workflow...". */
import * as vscode from "vscode";

import { POLICY_SETTING, whyNotPath, WORKFLOW_SETTING } from "../core/settings.ts";
import { type ChoiceRow, policyRows, workflowRows } from "../core/workflowChoices.ts";
import { userValue, writePreference } from "./settings.ts";

/** Asks which workflow the user prefers and writes it into their own settings. */
export async function setPreferredWorkflow(): Promise<void> {
  const current = userValue(WORKFLOW_SETTING);
  const choice = await choose(
    workflowRows(current),
    "What you prefer in this editor, in every project; 'wsp workflow set' says it to every tool",
  );
  if (choice === undefined) {
    return;
  }
  if (choice.kind === "follow") {
    return writePreference(undefined, undefined);
  }
  const workflow = choice.kind === "named" ? choice.name : await askPath(current);
  if (workflow === undefined) {
    return;
  }
  const policy = await choose(policyRows(userValue(POLICY_SETTING)), `Where ${workflow} is used`);
  if (policy !== undefined) {
    await writePreference(workflow, policy);
  }
}

async function choose<T>(rows: readonly ChoiceRow<T>[], placeHolder: string): Promise<T | undefined> {
  const items = rows.map(({ choice, current, detail, label }) => ({
    label,
    detail,
    choice,
    ...(current ? { description: "current" } : {}),
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: "Set My Preferred Workflow",
    placeHolder,
    matchOnDetail: true,
  });
  return picked?.choice;
}

async function askPath(current: unknown): Promise<string | undefined> {
  const entered = await vscode.window.showInputBox({
    title: "Set My Preferred Workflow",
    prompt: "The full path of a script, or of a program; ~ is your home folder",
    value: typeof current === "string" ? current : "",
    ignoreFocusOut: true,
    validateInput: (value) => {
      const reason = whyNotPath(value, process.platform);
      return reason === undefined ? undefined : `This cannot be used: ${reason}`;
    },
  });
  return entered?.trim();
}
