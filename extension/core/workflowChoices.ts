/** The choices of "Set My Preferred Workflow...". */
import type { Policy } from "../protocol.ts";

/** What choosing a row means for the user's settings. */
export type WorkflowChoice =
  /** No preference: both settings are taken out. */
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

const BUNDLED: readonly (readonly [name: string, detail: string])[] = [
  ["uv", "Environments and locks by uv"],
  ["hatch", "Environments by Hatch"],
  ["pdm", "Environments and locks by PDM"],
  ["poetry", "Environments and locks by Poetry"],
  ["pipenv", "Environments and locks by Pipenv"],
  ["venv", "Plain .venv folders, without a tool"],
];

/** @param current the present value of the workflow setting, of any kind */
export function workflowRows(current: unknown): readonly ChoiceRow<WorkflowChoice>[] {
  const unset = current === undefined || current === null || current === "";
  const bundled = BUNDLED.map(([name, detail]) => ({
    label: name,
    detail,
    choice: { kind: "named", name } as const,
    current: current === name,
  }));
  return [
    {
      label: "Follow each project",
      detail: "What 'wsp workflow set' says, else what a project declares or shows",
      choice: { kind: "follow" },
      current: unset,
    },
    ...bundled,
    {
      label: "Script or program...",
      detail: "Your own workflow server, by its path",
      choice: { kind: "path" },
      current: !unset && !bundled.some((row) => row.current),
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
