/** The rows of "Select Interpreter". */
import * as l10n from "@vscode/l10n";

import { type PathDisplay, shortenHome, shortenPaths } from "./paths.ts";
import { plainLabel } from "./displayText.ts";
import { isOfMachine, isRemote } from "./commandTarget.ts";
import type { ElsewhereResult, Environment, EnvironmentsResult, Source } from "../protocol.ts";

/** What choosing a row does. */
export type PickerAction =
  /** Remember this absolute path. */
  | { readonly kind: "select"; readonly selection: string }
  /** Show why it cannot be used. */
  | { readonly kind: "refuse"; readonly reason: string; readonly environment?: Environment }
  /** Remember the selection "none". */
  | { readonly kind: "none" }
  | { readonly kind: "enterPath" }
  /** List the environments elsewhere on the machine, which nothing in the project names. */
  | { readonly kind: "elsewhere" }
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
      /** The environment that it shows, of the project. */
      readonly environment?: Environment;
    };

/** Return the heading for environments of a source. */
export function sourceWords(source: Source): string {
  switch (source) {
    case "script":
      return l10n.t("The script's own");
    case "selected":
      return l10n.t("Selected before");
    case "settings":
      return l10n.t("Set by python.defaultInterpreterPath");
    case ".venv":
      return l10n.t("The project's .venv");
    case "python-envs":
      return l10n.t("Listed in .python-envs");
    case "workflow":
      return l10n.t("From the workflow");
    case "mapping":
      return l10n.t("Mapped by pyworkflow.toml");
    case "tool":
      return l10n.t("From the project's tool");
    case "activated":
      return l10n.t("Activated in the terminal that started the editor");
    case "elsewhere":
      return l10n.t("Elsewhere on this machine");
    case "system":
      return l10n.t("Pythons of this machine");
  }
}

/**
 * Return the rows: first actions for what is not listed, then the folder's environments, then the machine's Pythons.
 *
 * The order is the helper's: the default comes first, and with it its group.
 */
export function pickerRows(found: EnvironmentsResult, display: PathDisplay): readonly PickerRow[] {
  const all = [...found.environments, ...found.pythons];
  const sources = new Set(all.map((environment) => environment.source));
  const rows = [...sources].flatMap((source): readonly PickerRow[] => [
    { kind: "separator", label: sourceWords(source) },
    ...all
      .filter((environment) => environment.source === source)
      .map((environment) => environmentRow(environment, found.root, display)),
  ]);
  return [...otherRows(found), ...rows];
}

/** Return the rows for environments elsewhere on the machine, which can only be selected. */
export function elsewhereRows(found: ElsewhereResult, display: PathDisplay): readonly PickerRow[] {
  return [
    { kind: "separator", label: sourceWords("elsewhere") },
    ...found.environments.map((environment) => environmentRow(environment, found.root, display)),
  ];
}

function environmentRow(environment: Environment, root: string, display: PathDisplay): PickerRow {
  const elsewhere = l10n.t("It is on another machine. The workflow there decides which environment is the default.");
  const remote = isRemote(environment);
  const message = shortenPaths(remote ? elsewhere : environment.status.message, root, display);
  const usable = environment.status.state === "ok" && !remote;
  const path = environment.interpreter_path ?? environment.prefix;
  const shown = shortenHome(display.platform, display.home, path);
  const name = isOfMachine(environment) ? "Python" : environment.name;
  const label = plainLabel([name, environment.python_version ?? ""].join(" ").trim());
  const whose = isOfMachine(environment) || environment.source === "elsewhere" ? {} : { environment };
  return {
    kind: "choice",
    label: `$(${usable ? "python" : remote ? "remote" : "warning"}) ${label}`,
    description: [environment.default ? l10n.t("default") : "", usable ? "" : stateOf(environment)]
      .filter((word) => word !== "")
      .join(", "),
    detail: usable ? shown : `${shown}: ${message}`,
    action: usable
      ? { kind: "select", selection: selectionOf(environment) }
      : { kind: "refuse", reason: refusal(environment.name, message), ...whose },
    active: environment.default,
    ...whose,
  };
}

function stateOf(environment: Environment): string {
  if (isRemote(environment)) {
    return l10n.t("remote");
  }
  return environment.status.state === "broken" ? l10n.t("broken") : l10n.t("unsupported");
}

/** Return the path to remember: an environment's folder, or the program of a Python of the machine. */
export function selectionOf(environment: Environment): string {
  return isOfMachine(environment)
    ? (environment.interpreter_path ?? environment.prefix)
    : environment.prefix;
}

function refusal(name: string, reason: string): string {
  return reason === "" ? l10n.t("{0} cannot be used.", name) : `${name}: ${reason}`;
}

function otherRows(found: EnvironmentsResult): readonly PickerRow[] {
  const hasDefault = found.environments.some((environment) => environment.default);
  return [
    other(`$(add) ${l10n.t("Create environment...")}`, l10n.t("Create one for this project"), "create"),
    other(
      `$(edit) ${l10n.t("Enter path...")}`,
      l10n.t("The path of an interpreter or of an environment's folder"),
      "enterPath",
    ),
    other(
      `$(list-unordered) ${l10n.t("Elsewhere on this machine...")}`,
      l10n.t("Environments in shared folders, and those of conda, pyenv and virtualenvwrapper"),
      "elsewhere",
    ),
    other(
      `$(circle-slash) ${l10n.t("No interpreter here")}`,
      hasDefault
        ? l10n.t("Use no interpreter in this project, and don't ask again")
        : l10n.t("Don't ask for an interpreter in this project"),
      "none",
    ),
  ];
}

function other(label: string, detail: string, kind: "enterPath" | "elsewhere" | "create" | "none"): PickerRow {
  return { kind: "choice", label, description: "", detail, action: { kind }, active: false };
}
