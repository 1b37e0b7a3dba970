/** "Choose Workflow for This Folder...". */
import { homedir } from "node:os";

import * as vscode from "vscode";

import type { HelperClient } from "../core/client.ts";
import { expandHome, shortenHome } from "../core/paths.ts";
import { folderRows, type FolderChoice } from "../core/workflowChoices.ts";
import { ChooseWorkflow, Workflows } from "../protocol.ts";
import type { Interpreters } from "./interpreters.ts";
import type { Services } from "./services.ts";
import { askWorkflowPath, pickRow } from "./workflowPick.ts";

/** "Choose Workflow for This Folder...". */
export function registerFolderWorkflow({ commands, helper, interpreters }: Services): vscode.Disposable {
  return commands.about("chooseWorkflow", async (place) =>
    chooseFolderWorkflow(helper, interpreters, place),
  );
}

/** Let the user choose the workflow of a place's project, and remember it. Rejects with HelperError. */
async function chooseFolderWorkflow(
  helper: HelperClient,
  interpreters: Interpreters,
  place: vscode.Uri,
): Promise<void> {
  const uri = place.toString();
  const { root, ...choices } = await helper.request(Workflows, { uri });
  const title = vscode.l10n.t(
    "Choose Workflow for {0}",
    shortenHome(process.platform, homedir(), root),
  );
  const choice = await pickRow(
    title,
    folderRows(choices),
    vscode.l10n.t("Select a workflow to use here instead of your preferred one or the project's"),
  );
  if (choice === undefined) {
    return;
  }
  const workflow = await workflowOf(choice, title, choices.chosen);
  if (workflow !== undefined) {
    const answer = await helper.request(ChooseWorkflow, { uri, workflow });
    interpreters.store([answer], "change");
  }
}

/** Return the choice for the helper: null to clear it, undefined when the user canceled. */
async function workflowOf(
  choice: FolderChoice,
  title: string,
  chosen: string | null,
): Promise<string | null | undefined> {
  switch (choice.kind) {
    case "follow":
      return null;
    case "named":
      return choice.name;
    case "path": {
      const path = await askWorkflowPath(title, chosen);
      return path === undefined ? undefined : expandHome(process.platform, homedir(), path);
    }
  }
}
