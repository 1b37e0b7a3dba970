/** The choices of "Create Environment": their rows, and the request that they become. */
import * as l10n from "@vscode/l10n";

import type { CreateOptionsResult, CreateParams, CreationTool } from "../acts.ts";
import { proposedName } from "./names.ts";
import { type PathDisplay, shortenHome, shortenPaths } from "./paths.ts";
import { asSentence } from "./displayText.ts";
import { workflowDetail } from "./workflowChoices.ts";
import type { Environment } from "../protocol.ts";

/** What the user has chosen so far. */
export interface CreationChoice {
  readonly tool: CreationTool;
  /** Undefined for the workflow's default name. */
  readonly name?: string;
  /** An absolute path, or `X.Y`; undefined for the recommended Python. */
  readonly python?: string;
  readonly groups?: readonly string[];
  readonly extras?: readonly string[];
}

/** A row: its text, and the value that choosing it gives. */
export interface Row<T> {
  readonly label: string;
  readonly description: string;
  readonly detail: string;
  readonly value: T;
}

/** Return the workflow that "quick create" takes: the one that governs, else the first that is installed. */
export function quickTool({ workflows }: CreateOptionsResult): CreationTool | undefined {
  const governing = workflows.find(({ governs }) => governs);
  return governing ?? workflows.find(({ installed }) => installed);
}

/** Return the workflows: the one that governs first, with the reason, then those that are installed, then the others. */
export function toolRows(
  { root, why, workflows }: CreateOptionsResult,
  display: PathDisplay,
): { readonly installed: readonly Row<CreationTool>[]; readonly missing: readonly Row<CreationTool>[] } {
  const row = (tool: CreationTool): Row<CreationTool> => ({
    label: tool.name,
    description: tool.governs
      ? tool.installed
        ? l10n.t("recommended")
        : l10n.t("recommended, not installed")
      : "",
    detail: tool.governs && why !== "" ? asSentence(shortenPaths(why, root, display)) : workflowDetail(tool.name),
    value: tool,
  });
  const first = workflows.filter(({ governs, installed }) => governs || installed);
  return { installed: first.map(row), missing: workflows.filter((tool) => !first.includes(tool)).map(row) };
}

/** Return a free name for a workflow that allows any name; `isTaken` says which names are not free. */
export function freeName(tool: CreationTool, isTaken: (name: string) => boolean): string {
  return proposedName(isTaken, tool.names[0]);
}

/** Return the Pythons: the recommended one, those that are installed, those that the workflow would install. */
export function pythonRows(
  tool: CreationTool,
  pythons: readonly Environment[],
  display: PathDisplay,
): readonly Row<string | undefined>[] {
  return [
    {
      label: l10n.t("Recommended: newest Python that fits the project"),
      description: "",
      detail: "",
      value: undefined,
    },
    ...pythons.flatMap((python) => {
      const path = python.interpreter_path;
      const usable = python.status.state === "ok" && path !== null;
      const label = `Python ${python.python_version ?? ""}`.trimEnd();
      const description = path === null ? "" : shortenHome(display.platform, display.home, path);
      return usable ? [{ label, description, detail: "", value: path }] : [];
    }),
    ...tool.installable.map((release) => ({
      label: `Python ${release}`,
      description: l10n.t("not on this machine yet: it will be installed first"),
      detail: "",
      value: release,
    })),
  ];
}

/** A group or an extra. */
export interface DependencyPart {
  readonly kind: "groups" | "extras";
  readonly name: string;
}

/** Return the groups and extras of a project, if the workflow supports them. */
export function partRows(tool: CreationTool): readonly Row<DependencyPart>[] {
  const row = (kind: DependencyPart["kind"], name: string): Row<DependencyPart> => ({
    label: name,
    description: kind === "groups" ? l10n.t("group") : l10n.t("extra"),
    detail: "",
    value: { kind, name },
  });
  return [
    ...tool.groups.map((name) => row("groups", name)),
    ...tool.extras.map((name) => row("extras", name)),
  ];
}

/** Return the parameters of the request to the helper. */
export function createParams(uri: string, choice: CreationChoice): Omit<CreateParams, "workDoneToken"> {
  const { extras = [], groups = [], tool, name, python } = choice;
  return {
    uri,
    ...(tool.governs ? {} : { workflow: tool.name }),
    ...(name === undefined ? {} : { name }),
    ...(python === undefined ? {} : { python }),
    ...(groups.length === 0 ? {} : { groups }),
    ...(extras.length === 0 ? {} : { extras }),
  };
}

/** Return a line about quick create: the name of the environment, and what is installed into it. */
export function quickDetail(tool: CreationTool, name: string): string {
  return tool.installs.length === 0
    ? l10n.t("Create {0} with the default Python and dependencies", name)
    : l10n.t("Create {0} with the default Python, and install {1}", name, listed(tool.installs));
}

/** Return the message for a new environment; undefined where nothing is known to be installed. */
export function createdMessage(tool: CreationTool, name: string, parts: readonly string[]): string | undefined {
  const installed = [...tool.installs, ...parts.map((part) => l10n.t("group {0}", part))];
  return installed.length === 0 ? undefined : l10n.t("Created {0} and installed {1}.", name, listed(installed));
}

function listed(names: readonly string[]): string {
  return names.length < 2
    ? (names[0] ?? "")
    : l10n.t("{0} and {1}", names.slice(0, -1).join(", "), names.at(-1) ?? "");
}
