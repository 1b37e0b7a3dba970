/** The choices of "Set My Preferred Workflow..." and of "Choose Workflow for This Folder...". */
import * as l10n from "@vscode/l10n";

import type { Policy, WorkflowsResult } from "../protocol.ts";

/** The change to the user's settings that a row stands for. */
export type WorkflowChoice =
  /** No preference: the one before is removed. */
  | { readonly kind: "follow" }
  /** A bundled workflow by name. */
  | { readonly kind: "named"; readonly name: string }
  /** A script or program: the next prompt is for its path. */
  | { readonly kind: "path" }
  /** A program with arguments, and its requirements: the next prompts are for these. */
  | { readonly kind: "command" };

/** What can be chosen for a single folder. */
export type FolderChoice = Exclude<WorkflowChoice, { readonly kind: "command" }>;

/** A choice with its text; `current` marks the present value of the settings. */
export interface ChoiceRow<T> {
  readonly label: string;
  readonly detail: string;
  readonly choice: T;
  readonly current: boolean;
}

/** Return what a bundled workflow does, in a few words; empty for another one. */
export function workflowDetail(name: string): string {
  return details()[name] ?? "";
}

function details(): Readonly<Record<string, string>> {
  return {
    uv: l10n.t("Environment and lock file managed by uv"),
    hatch: l10n.t("Environments managed by Hatch"),
    pdm: l10n.t("Environment and lock file managed by PDM"),
    poetry: l10n.t("Environment and lock file managed by Poetry"),
    pipenv: l10n.t("Environment and lock file managed by Pipenv"),
    pixi: l10n.t("Environments and lock file managed by Pixi"),
    conda: l10n.t("Environments managed by conda"),
    tox: l10n.t("Environments of tox"),
    nox: l10n.t("Environments of nox sessions"),
    venv: l10n.t("Standard venv, no lock file"),
  };
}

/** The workflows that suit every project; the others suit only some. */
const PREFERRED = ["uv", "hatch", "pdm", "poetry", "pipenv", "venv"];

/**
 * Return the rows for the user's preferred workflow.
 *
 * @param current the present value of the workflow setting, of any kind
 */
export function preferenceRows(current: unknown): readonly ChoiceRow<WorkflowChoice>[] {
  const preference = current === "" ? null : (current ?? null);
  return [
    {
      label: l10n.t("Follow each project"),
      detail: l10n.t("Your preference for all tools, or else the tool that the project declares or uses"),
      choice: { kind: "follow" },
      current: preference === null,
    },
    ...namedRows(PREFERRED, preference),
    pathRow(l10n.t("Script or program..."), l10n.t("Your own workflow server, by its path"), PREFERRED, preference),
    {
      label: l10n.t("Command..."),
      detail: l10n.t("A program with arguments, such as mytool wsp, and the packages that it requires"),
      choice: { kind: "command" },
      current: isCommand(preference),
    },
  ];
}

/** Return the rows for a folder; "Clear the choice" is offered where one was made. */
export function folderRows(can: Omit<WorkflowsResult, "root">): readonly ChoiceRow<FolderChoice>[] {
  const { chosen, selected, workflows } = can;
  const other = l10n.t("A workflow of your own, by the full path of its script");
  const rows = [...namedRows(workflows, chosen), pathRow(l10n.t("Other..."), other, workflows, chosen)];
  const cost = selected ? l10n.t("clears the interpreter selected for this folder") : "";
  return [
    ...(chosen === null ? [] : [noChoice()]),
    ...rows.map((row) => ({ ...row, detail: [row.detail, cost].filter(Boolean).join(", ") })),
  ];
}

function noChoice(): ChoiceRow<FolderChoice> {
  return {
    label: l10n.t("Clear the choice for this folder"),
    detail: l10n.t(
      "Your preference, or else the tool that the project declares or uses. Keeps the selected interpreter",
    ),
    choice: { kind: "follow" },
    current: false,
  };
}

function namedRows(names: readonly string[], current: unknown): readonly ChoiceRow<FolderChoice>[] {
  return names.map((name) => ({
    label: name,
    detail: workflowDetail(name),
    choice: { kind: "named", name },
    current: current === name,
  }));
}

function isCommand(value: unknown): boolean {
  return typeof value === "object" && value !== null && "cmd" in value;
}

function pathRow(
  label: string,
  detail: string,
  names: readonly string[],
  current: unknown,
): ChoiceRow<FolderChoice> {
  const isPath =
    current !== null && !names.some((name) => name === current) && !isCommand(current);
  return { label, detail, choice: { kind: "path" }, current: isPath };
}

/**
 * Return the rows for where the preference applies.
 *
 * @param current the present value of the policy setting, of any kind
 */
export function policyRows(current: unknown): readonly ChoiceRow<Policy>[] {
  return [
    {
      label: l10n.t("In every project"),
      detail: l10n.t("Also where a project declares another workflow"),
      choice: "override",
      current: current !== "default",
    },
    {
      label: l10n.t("Only in projects that declare no workflow"),
      detail: l10n.t("A project's own declaration goes first"),
      choice: "default",
      current: current === "default",
    },
  ];
}
