/** The choices of "Set My Preferred Workflow..." and of "Choose Workflow for This Folder...". */
import type { Policy } from "../protocol.ts";

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
  const follow = {
    label: "Follow each project",
    detail: "What 'wsp workflow set' says, else what a project declares or shows",
  };
  return workflowRows(PREFERRED, follow, current === "" ? null : (current ?? null));
}

/**
 * @param names the bundled workflows
 * @param chosen what was chosen for the folder: a name, a path, or null
 */
export function folderRows(
  names: readonly string[],
  chosen: string | null,
): readonly ChoiceRow<WorkflowChoice>[] {
  const follow = {
    label: "No choice for this folder",
    detail: "What you prefer, else what the project declares or shows",
  };
  return workflowRows(names, follow, chosen);
}

function workflowRows(
  names: readonly string[],
  follow: { readonly label: string; readonly detail: string },
  current: unknown,
): readonly ChoiceRow<WorkflowChoice>[] {
  return [
    { ...follow, choice: { kind: "follow" }, current: current === null },
    ...names.map((name) => ({
      label: name,
      detail: DETAILS[name] ?? "",
      choice: { kind: "named", name } as const,
      current: current === name,
    })),
    {
      label: "Script or program...",
      detail: "Your own workflow server, by its path",
      choice: { kind: "path" },
      current: current !== null && !names.some((name) => name === current),
    },
  ];
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
