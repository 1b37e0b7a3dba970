/** The choices of "Set My Preferred Workflow..." and of "Choose Workflow for This Folder...". */
import type { Policy, WorkflowsResult } from "../protocol.ts";

/** What choosing a row means for the user's settings. */
export type WorkflowChoice =
  /** None: what was said before is taken back. */
  | { readonly kind: "follow" }
  /** A bundled workflow by name. */
  | { readonly kind: "named"; readonly name: string }
  /** A script or program, whose path is asked for next. */
  | { readonly kind: "path" };

/** A choice with its words; `current` marks what the settings say now. */
export interface ChoiceRow<T> {
  readonly label: string;
  readonly detail: string;
  readonly choice: T;
  readonly current: boolean;
}

const DETAILS: Readonly<Record<string, string>> = {
  uv: "Environments and locks by uv",
  hatch: "Environments by Hatch",
  pdm: "Environments and locks by PDM",
  poetry: "Environments and locks by Poetry",
  pipenv: "Environments and locks by Pipenv",
  pixi: "Environments and locks by Pixi",
  conda: "Environments by conda",
  tox: "The environments that tox tests in",
  nox: "The environments that nox runs sessions in",
  venv: "Plain .venv folders, without a tool",
};

/** Those that one prefers everywhere; the others are of some projects only. */
const PREFERRED = ["uv", "hatch", "pdm", "poetry", "pipenv", "venv"];

/** @param current the present value of the workflow setting, of any kind */
export function preferenceRows(current: unknown): readonly ChoiceRow<WorkflowChoice>[] {
  const said = current === "" ? null : (current ?? null);
  return [
    {
      label: "Follow each project",
      detail: "What 'wsp workflow set' says, else what a project declares or shows",
      choice: { kind: "follow" },
      current: said === null,
    },
    ...namedRows(PREFERRED, said),
    pathRow("Script or program...", "Your own workflow server, by its path", PREFERRED, said),
  ];
}

/** The rows for a folder; "No choice" is offered where one was made. */
export function folderRows(can: Omit<WorkflowsResult, "root">): readonly ChoiceRow<WorkflowChoice>[] {
  const { chosen, selected, workflows } = can;
  const other = "A workflow of your own, by the full path of its script";
  const rows = [...namedRows(workflows, chosen), pathRow("Other...", other, workflows, chosen)];
  const cost = selected ? "forgets the interpreter that is selected here" : "";
  return [
    ...(chosen === null ? [] : [NO_CHOICE]),
    ...rows.map((row) => ({ ...row, detail: [row.detail, cost].filter(Boolean).join("; ") })),
  ];
}

const NO_CHOICE: ChoiceRow<WorkflowChoice> = {
  label: "No choice: follow the rules",
  detail: "What you prefer, else what the project declares or shows; a selected interpreter stays",
  choice: { kind: "follow" },
  current: false,
};

function namedRows(names: readonly string[], current: unknown): readonly ChoiceRow<WorkflowChoice>[] {
  return names.map((name) => ({
    label: name,
    detail: DETAILS[name] ?? "",
    choice: { kind: "named", name },
    current: current === name,
  }));
}

function pathRow(
  label: string,
  detail: string,
  names: readonly string[],
  current: unknown,
): ChoiceRow<WorkflowChoice> {
  const isPath = current !== null && !names.some((name) => name === current);
  return { label, detail, choice: { kind: "path" }, current: isPath };
}

/** @param current the present value of the policy setting, of any kind */
export function policyRows(current: unknown): readonly ChoiceRow<Policy>[] {
  return [
    {
      label: "In every project",
      detail: "Also where a project declares another workflow",
      choice: "override",
      current: current !== "default",
    },
    {
      label: "Only where a project declares none",
      detail: "A project's own declaration goes first",
      choice: "default",
      current: current === "default",
    },
  ];
}
