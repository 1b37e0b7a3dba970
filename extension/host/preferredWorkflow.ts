/** "Set My Preferred Workflow...", "Follow This Project's Workflow Here", "Stop Following My Workflow...". */
import { homedir } from "node:os";

import * as vscode from "vscode";

import { type CommandWorkflow, Prefer, PreferenceFile, type PreferenceResult } from "../acts.ts";
import type { HelperClient } from "../core/client.ts";
import { expandHome, shortenHome } from "../core/paths.ts";
import {
  commandWorkflow,
  nameOfWorkflow,
  type RemovablePreference,
  preferenceList,
  whereRows,
  splitArguments,
} from "../core/preferenceChoices.ts";
import { POLICY_SETTING, WORKFLOW_SETTING } from "../core/settings.ts";
import { policyRows, preferenceRows } from "../core/workflowChoices.ts";
import { ChooseWorkflow, type Policy, Workflows } from "../protocol.ts";
import type { Interpreters } from "./interpreters.ts";
import type { Services } from "./services.ts";
import { commandPlace } from "./places.ts";
import { userValue, writePreference } from "./settings.ts";
import { askWorkflowPath, pickRow } from "./workflowPick.ts";

const EXAMPLE = { command: "mytool wsp", requires: "mytool>=1.2" };
const display = { platform: process.platform, home: homedir() };

/** Register the three commands. */
export function registerPreferredWorkflow({ commands, helper, interpreters }: Services): vscode.Disposable {
  return vscode.Disposable.from(
    commands.plain("setPreferredWorkflow", async (argument) => set(helper, interpreters, anyPlace(argument))),
    commands.about("followProject", async (place) => followProject(helper, interpreters, place)),
    commands.plain("stopPreferring", async (argument) => stop(helper, interpreters, anyPlace(argument))),
  );
}

/** Return a place, also where nothing is open: a preference for every project depends on none. */
function anyPlace(argument: unknown): string {
  return (commandPlace(argument) ?? vscode.Uri.file(homedir())).toString();
}

/** Ask for the preferred workflow, where to save it, and to which projects it applies. */
async function set(helper: HelperClient, interpreters: Interpreters, uri: string): Promise<void> {
  const title = vscode.l10n.t("Set My Preferred Workflow");
  const current = userValue(WORKFLOW_SETTING);
  const choice = await pickRow(
    title,
    preferenceRows(current),
    vscode.l10n.t("Select your preferred tool"),
  );
  if (choice === undefined) {
    return;
  }
  if (choice.kind === "follow") {
    return stop(helper, interpreters, uri);
  }
  const workflow =
    choice.kind === "named"
      ? choice.name
      : choice.kind === "path"
        ? await askWorkflowPath(title, current)
        : await askCommand(title);
  if (workflow === undefined) {
    return;
  }
  const { file } = await helper.request(PreferenceFile, { uri });
  const where = await pickRow(
    title,
    whereRows(file, display),
    vscode.l10n.t("Where should {0} be preferred?", nameOfWorkflow(workflow) ?? ""),
  );
  if (where === undefined) {
    return;
  }
  const policy = await pickRow(
    title,
    policyRows(userValue(POLICY_SETTING)),
    vscode.l10n.t("In which projects should {0} be used?", nameOfWorkflow(workflow) ?? ""),
  );
  if (policy !== undefined) {
    await (where === "editor"
      ? writePreference(workflow, policy)
      : preferInFile(helper, interpreters, uri, workflow, policy));
  }
}

async function askCommand(title: string): Promise<CommandWorkflow | undefined> {
  const typed = await vscode.window.showInputBox({
    title,
    prompt: vscode.l10n.t("Enter the command that starts your workflow. It runs without a shell"),
    placeHolder: EXAMPLE.command,
    ignoreFocusOut: true,
    validateInput: (text) =>
      splitArguments(text) === undefined
        ? vscode.l10n.t("Enter a program and its arguments, and close every quote.")
        : undefined,
  });
  const cmd = splitArguments(typed ?? "");
  if (cmd === undefined) {
    return undefined;
  }
  const requires = await vscode.window.showInputBox({
    title,
    prompt: vscode.l10n.t("Enter the packages that it requires, separated by commas. Leave this empty if the program is installed"),
    placeHolder: EXAMPLE.requires,
    ignoreFocusOut: true,
  });
  return requires === undefined ? undefined : commandWorkflow(cmd, requires);
}

async function preferInFile(
  helper: HelperClient,
  interpreters: Interpreters,
  uri: string,
  workflow: string | CommandWorkflow,
  policy: Policy,
): Promise<void> {
  const word = typeof workflow === "string" ? expandHome(process.platform, homedir(), workflow) : workflow;
  const { file } = await helper.request(Prefer, { uri, workflow: word, policy });
  await interpreters.refresh();
  tell(vscode.l10n.t("{0} is now your preferred workflow in every tool.", nameOfWorkflow(workflow) ?? ""), file);
}

/** Write a rule for this folder into the user's file, which overrides their preference. */
async function followProject(
  helper: HelperClient,
  interpreters: Interpreters,
  place: vscode.Uri,
): Promise<void> {
  const uri = place.toString();
  const [{ chosen, root }, preference] = await Promise.all([
    helper.request(Workflows, { uri }),
    helper.request(PreferenceFile, { uri }),
  ]);
  const short = shortenHome(display.platform, display.home, root);
  if (chosen === null && (preference.rule?.workflow === null || !prefersAny(preference))) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t("Nothing was changed: {0} already follows the project's own workflow.", short),
    );
    return;
  }
  if (!prefersAny(preference)) {
    interpreters.store([await helper.request(ChooseWorkflow, { uri, workflow: null })], "change");
    return;
  }
  const { file } = await helper.request(Prefer, { uri, workflow: "project", folder: true });
  if (chosen !== null) {
    // What was chosen for the folder would go before it.
    await helper.request(ChooseWorkflow, { uri, workflow: null });
  }
  await interpreters.refresh();
  tell(vscode.l10n.t("{0} now follows the project's own workflow.", short), file);
}

/** Return whether the user has any preference: without one a rule for a folder would have no effect. */
function prefersAny({ preferred, rule }: PreferenceResult): boolean {
  const own = nameOfWorkflow(userValue(WORKFLOW_SETTING)) !== undefined;
  return own || preferred !== null || (rule !== null && rule.workflow !== null);
}

/** Remove a preference of the user; ask which one if there are several. */
async function stop(helper: HelperClient, interpreters: Interpreters, uri: string): Promise<void> {
  const [file, { chosen }] = await Promise.all([
    helper.request(PreferenceFile, { uri }),
    helper.request(Workflows, { uri }),
  ]);
  const rows = preferenceList({ editor: nameOfWorkflow(userValue(WORKFLOW_SETTING)), file, chosen }, display);
  const [first, second] = rows;
  if (first === undefined) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t("You have no preferred workflow: each project's own is used."),
    );
    return;
  }
  const preference =
    second === undefined
      ? first.choice
      : await pickRow(
          vscode.l10n.t("Stop Following My Workflow"),
          rows,
          vscode.l10n.t("Which preference should be removed?"),
        );
  if (preference === undefined) {
    return;
  }
  await takeBack(helper, uri, preference);
  await interpreters.refresh();
  const { label } = rows.find(({ choice }) => choice === preference) ?? first;
  void vscode.window.showInformationMessage(vscode.l10n.t("Removed: {0}.", label));
}

async function takeBack(helper: HelperClient, uri: string, preference: RemovablePreference): Promise<void> {
  switch (preference.kind) {
    case "editor":
      await writePreference(undefined, undefined);
      return;
    case "file":
      await helper.request(Prefer, { uri, workflow: null });
      return;
    case "rule":
      await helper.request(Prefer, { uri, workflow: null, folder: true });
      return;
    case "chosen":
      await helper.request(ChooseWorkflow, { uri, workflow: null });
  }
}

/** Show what was written, and offer to open the file. */
function tell(message: string, file: string): void {
  const open = vscode.l10n.t("Open File");
  void vscode.window.showInformationMessage(message, open).then(async (choice) => {
    if (choice === open) {
      await vscode.window.showTextDocument(vscode.Uri.file(file));
    }
  });
}
