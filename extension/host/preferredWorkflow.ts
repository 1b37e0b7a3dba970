/** "Set My Preferred Workflow...". */
import type * as vscode from "vscode";

import { POLICY_SETTING, WORKFLOW_SETTING } from "../core/settings.ts";
import { policyRows, preferenceRows } from "../core/workflowChoices.ts";
import type { Parts } from "./parts.ts";
import { userValue, writePreference } from "./settings.ts";
import { askWorkflowPath, pickRow } from "./workflowPick.ts";

const TITLE = "Set My Preferred Workflow";

/** "Set My Preferred Workflow...". */
export function registerPreferredWorkflow({ commands }: Parts): vscode.Disposable {
  return commands.plain("setPreferredWorkflow", setPreferredWorkflow);
}

/** Asks which workflow the user prefers and writes it into their own settings. */
async function setPreferredWorkflow(): Promise<void> {
  const current = userValue(WORKFLOW_SETTING);
  const choice = await pickRow(
    TITLE,
    preferenceRows(current),
    "What you prefer in this editor, in every project; 'wsp workflow set' says it to every tool",
  );
  if (choice === undefined) {
    return;
  }
  if (choice.kind === "follow") {
    return writePreference(undefined, undefined);
  }
  const workflow = choice.kind === "named" ? choice.name : await askWorkflowPath(TITLE, current);
  if (workflow === undefined) {
    return;
  }
  const policy = await pickRow(
    TITLE,
    policyRows(userValue(POLICY_SETTING)),
    `Where ${workflow} is used`,
  );
  if (policy !== undefined) {
    await writePreference(workflow, policy);
  }
}
