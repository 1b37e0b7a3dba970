/** "Set My Preferred Workflow...". */
import { POLICY_SETTING, WORKFLOW_SETTING } from "../core/settings.ts";
import { policyRows, preferenceRows } from "../core/workflowChoices.ts";
import { userValue, writePreference } from "./settings.ts";
import { askWorkflowPath, pickRow } from "./workflowPick.ts";

const TITLE = "Set My Preferred Workflow";

/** Asks which workflow the user prefers and writes it into their own settings. */
export async function setPreferredWorkflow(): Promise<void> {
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
