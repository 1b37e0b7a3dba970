/** The rows of "Select Interpreter". */
import { type PathDisplay, shortenHome, shortenPaths } from "./paths.ts";
import { plainLabel } from "./plain.ts";
import type { Environment, EnvironmentsResult, Source } from "../protocol.ts";

/** What choosing a row does. */
export type PickerAction =
  /** Remember this absolute path. */
  | { readonly kind: "select"; readonly selection: string }
  /** It cannot be used: say why. */
  | { readonly kind: "refuse"; readonly reason: string }
  /** Remember that there is to be none. */
  | { readonly kind: "none" }
  | { readonly kind: "enterPath" }
  | { readonly kind: "create" };

/** A row, or the heading of a group. */
export type PickerRow =
  | { readonly kind: "separator"; readonly label: string }
  | {
      readonly kind: "choice";
      readonly label: string;
      readonly description: string;
      readonly detail: string;
      readonly action: PickerAction;
      /** It is the one in use. */
      readonly active: boolean;
    };

const GROUPS: Readonly<Record<Source, string>> = {
  selected: "Selected before",
  ".venv": "The project's .venv",
  "python-envs": "Listed in .python-envs",
  workflow: "From the workflow",
  tool: "From the project's tool",
  activated: "Activated in the terminal that started the editor",
  system: "Pythons of this machine",
};

/**
 * The rows for what a folder has, then for what the machine has, then for what is not listed.
 *
 * The helper's order is kept: the default comes first, and with it its group.
 */
export function pickerRows(found: EnvironmentsResult, display: PathDisplay): readonly PickerRow[] {
  const all = [...found.environments, ...found.pythons];
  const sources = new Set(all.map((environment) => environment.source));
  const rows = [...sources].flatMap((source): readonly PickerRow[] => [
    { kind: "separator", label: GROUPS[source] },
    ...all
      .filter((environment) => environment.source === source)
      .map((environment) => environmentRow(environment, found.root, display)),
  ]);
  return [...rows, ...otherRows(found)];
}

function environmentRow(environment: Environment, root: string, display: PathDisplay): PickerRow {
  const message = shortenPaths(environment.status.message, root, display);
  const usable = environment.status.state === "ok";
  const path = environment.interpreter_path ?? environment.prefix;
  const shown = shortenHome(display.platform, display.home, path);
  const name = environment.source === "system" ? "Python" : environment.name;
  const label = plainLabel([name, environment.python_version ?? ""].join(" ").trim());
  return {
    kind: "choice",
    label: usable ? `$(python) ${label}` : `$(warning) ${label}`,
    description: [environment.default ? "default" : "", usable ? "" : environment.status.state]
      .filter((word) => word !== "")
      .join(", "),
    detail: usable ? shown : `${shown}: ${message}`,
    action: usable
      ? { kind: "select", selection: selectionOf(environment) }
      : { kind: "refuse", reason: refusal(environment.name, message) },
    active: environment.default,
  };
}

/** An environment is remembered by its folder, a Python of the machine by its program. */
function selectionOf(environment: Environment): string {
  return environment.source === "system"
    ? (environment.interpreter_path ?? environment.prefix)
    : environment.prefix;
}

function refusal(name: string, reason: string): string {
  return reason === "" ? `${name} cannot be used.` : `${name}: ${reason}`;
}

function otherRows(found: EnvironmentsResult): readonly PickerRow[] {
  const hasDefault = found.environments.some((environment) => environment.default);
  return [
    { kind: "separator", label: "Something else" },
    other("$(edit) Enter path...", "The path of an interpreter or of an environment's folder", "enterPath"),
    other("$(add) Create environment...", "Make a new one for this project", "create"),
    other(
      "$(circle-slash) No interpreter here",
      hasDefault ? "Use none in this project, and do not ask" : "Do not ask for one in this project",
      "none",
    ),
  ];
}

function other(label: string, detail: string, kind: "enterPath" | "create" | "none"): PickerRow {
  return { kind: "choice", label, description: "", detail, action: { kind }, active: false };
}
