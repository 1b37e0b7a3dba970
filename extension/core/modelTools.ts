/**
 * The tools for language models: their input, the confirmation that the user sees, and the text that the model gets.
 *
 * What the user reads is translated; what the model reads is English.
 */
import * as l10n from "@vscode/l10n";

import type { Changes } from "../acts.ts";
import type { EnvironmentList, Explanation, ListedEnvironment, PythonEnvironment } from "../api.ts";
import type { Answer } from "../protocol.ts";
import { isInside, pathRules } from "./paths.ts";
import { asSentence, codeSpan } from "./displayText.ts";
import { NOT_TRUSTED } from "./restricted.ts";

/** The tools, as the manifest names them after `pythonWorkflow_`. */
export const MODEL_TOOLS = [
  "getInterpreter",
  "listEnvironments",
  "explainInterpreter",
  "createEnvironment",
  "syncEnvironment",
  "installPackages",
] as const;
export type ModelTool = (typeof MODEL_TOOLS)[number];

/** The input of a tool. Members that the tool does not use are empty. */
export interface ToolInput {
  /** The path as the model wrote it. */
  readonly path: string | undefined;
  readonly pythons: boolean;
  readonly workflow: string | undefined;
  readonly name: string | undefined;
  readonly python: string | undefined;
  readonly groups: readonly string[];
  readonly extras: readonly string[];
  readonly packages: readonly string[];
}

/** A tool refuses its input; the message is a sentence for the model. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}

/** Read the input of a tool; VS Code may not have checked it against the schema. Throws {@link Refusal}. */
export function readInput(input: unknown): ToolInput {
  const values = new Map<string, unknown>(Object.entries(input ?? {}));
  const texts = (key: string): readonly string[] => {
    const value = values.get(key) ?? [];
    if (!Array.isArray(value) || !value.every((item) => typeof item === "string")) {
      throw new Refusal(`"${key}" has to be a list of strings.`);
    }
    return value.map((item) => plain(key, item));
  };
  const text = (key: string): string | undefined => {
    const value = values.get(key) ?? undefined;
    if (value !== undefined && typeof value !== "string") {
      throw new Refusal(`"${key}" has to be a string.`);
    }
    return value === undefined || value.trim() === "" ? undefined : plain(key, value);
  };
  return {
    path: text("path"),
    pythons: values.get("pythons") === true,
    workflow: text("workflow"),
    name: text("name"),
    python: text("python"),
    groups: texts("groups"),
    extras: texts("extras"),
    packages: texts("packages"),
  };
}

/** Return a value without the spaces around it. Throws {@link Refusal} for an empty one, for hidden characters, and for an option. */
function plain(key: string, value: string): string {
  const trimmed = value.trim();
  if (trimmed === "" || trimmed.startsWith("-") || /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(trimmed)) {
    throw new Refusal(`${JSON.stringify(value)} cannot be used as "${key}".`);
  }
  return trimmed;
}

/**
 * Return the absolute path that a model names. Throws {@link Refusal} for one outside of the open folders.
 *
 * @param folders absolute paths of these folders, in their order
 */
export function placeOf(
  path: string | undefined,
  folders: readonly string[],
  platform: NodeJS.Platform,
): string {
  const rules = pathRules(platform);
  const [first] = folders;
  if (first === undefined) {
    throw new Refusal("No folder is open in the editor.");
  }
  if (path === undefined) {
    return first;
  }
  const named = folders.find((folder) => rules.basename(folder) === path.split(/[\\/]/)[0]);
  const base = folders.length > 1 && named !== undefined ? rules.dirname(named) : first;
  const place = rules.resolve(base, path);
  if (!folders.some((folder) => isInside(platform, folder, place))) {
    throw new Refusal(`${path} is outside the folders that are open in the editor: ${folders.join(", ")}.`);
  }
  return place;
}

/** The progress message of a tool, and the confirmation before one that changes something. */
export interface Announcement {
  readonly doing: string;
  readonly question: { readonly title: string; readonly message: string } | undefined;
}

/**
 * Return the announcement of a tool, in Markdown unless `quoted` sets names apart in another way.
 *
 * @param where the project's root or the place, as the user reads it
 * @param environment the name of the environment that is changed; undefined where there is none yet
 */
export function announcement(
  tool: ModelTool,
  input: ToolInput,
  where: string,
  environment: string | undefined,
  quoted: (name: string) => string = codeSpan,
): Announcement {
  const place = quoted(where);
  const name = environment === undefined ? l10n.t("the environment") : quoted(environment);
  switch (tool) {
    case "getInterpreter":
      return { doing: l10n.t("Looking up the interpreter of {0}", place), question: undefined };
    case "listEnvironments":
      return { doing: l10n.t("Listing the environments of {0}", place), question: undefined };
    case "explainInterpreter":
      return { doing: l10n.t("Explaining the interpreter of {0}", place), question: undefined };
    case "createEnvironment":
      return {
        doing: l10n.t("Creating an environment in {0}", place),
        question: {
          title: l10n.t("Create a Python environment?"),
          message: [l10n.t("It will be created in {0} and selected there.", place), ...wishes(input)].join("\n\n"),
        },
      };
    case "syncEnvironment":
      return {
        doing: l10n.t("Syncing {0} of {1}", name, place),
        question: {
          title: l10n.t("Sync the environment?"),
          message: l10n.t("The packages of {0} in {1} will be installed, updated and removed to match the project.", name, place),
        },
      };
    case "installPackages": {
      const packages = input.packages.map((one) => quoted(one)).join(", ");
      return {
        doing: l10n.t("Installing {0} into {1} of {2}", packages, name, place),
        question: {
          title: l10n.t("Install packages?"),
          message: l10n.t("{0} will be installed into {1} of {2}.", packages, name, place),
        },
      };
    }
  }
}

function wishes({ extras, groups, name, python, workflow }: ToolInput): readonly string[] {
  const all = (words: readonly string[]): string => words.map(codeSpan).join(", ");
  return [
    ...(workflow === undefined ? [] : [l10n.t("Workflow: {0}", codeSpan(workflow))]),
    ...(name === undefined ? [] : [l10n.t("Name: {0}", codeSpan(name))]),
    ...(python === undefined ? [] : [l10n.t("Python: {0}", codeSpan(python))]),
    ...(groups.length === 0 ? [] : [l10n.t("Groups: {0}", all(groups))]),
    ...(extras.length === 0 ? [] : [l10n.t("Extras: {0}", all(extras))]),
  ];
}

/** Describe an interpreter for the model. */
export function interpreterText({ environment, problem, provisional, summary }: Answer): string {
  const path = environment?.interpreter_path;
  const usable = environment?.status.state === "ok" && path !== null && path !== undefined && !provisional;
  const facts = usable
    ? [`Run Python as ${path} (${versioned(environment.name, environment.python_version)}).`]
    : ["This folder has no usable environment. One can be created."];
  const reasons = [summary, problem ?? ""].filter((reason) => reason !== "").map(asSentence);
  return [...facts, ...new Set(reasons)].join(" ");
}

/** List all environments for the model. */
export function environmentsText(list: EnvironmentList): string {
  if (!list.trusted) {
    return NOT_TRUSTED;
  }
  const { environments, pythons, root } = list;
  const lines = environments.map(listedLine);
  return [
    environments.length === 0 ? `${root} has no environment. One can be created.` : `The environments of ${root}:`,
    ...lines,
    ...(pythons.length === 0 ? [] : ["The Pythons of the machine:", ...pythons.map(listedLine)]),
  ].join("\n");
}

/** Explain the selection for the model. */
export function explanationText(explained: Explanation): string {
  if (!explained.trusted) {
    return NOT_TRUSTED;
  }
  const { root, steps, summary, workflow } = explained;
  return [
    `${root}: ${asSentence(summary)}`,
    workflow === undefined ? "No workflow governs it." : `The workflow ${workflow.name} governs it (rule ${workflow.rule}).`,
    "The rules that were tried, in order:",
    ...steps.map(({ detail, outcome, rule }) => `- ${rule} ${outcome}: ${detail}`),
  ].join("\n");
}

/** Describe a new environment for the model. */
export function createdText({ name, path, prefix, version }: PythonEnvironment): string {
  return `Created ${versioned(name, version ?? null)} at ${prefix}, and selected it. Run Python as ${path}.`;
}

/** Describe changes to packages for the model. */
export function changesText({ changed, installed, removed }: Changes): string {
  const versions = (packages: Changes["installed"]): string =>
    packages.map(({ name, version }) => `${name} ${version}`.trim()).join(", ");
  if (!changed) {
    return "No changes were necessary.";
  }
  return [
    ...(installed.length === 0 ? [] : [`Installed ${versions(installed)}.`]),
    ...(removed.length === 0 ? [] : [`Removed ${versions(removed)}.`]),
    ...(installed.length + removed.length === 0 ? ["It is now up to date."] : []),
  ].join(" ");
}

function listedLine({ isDefault, name, path, prefix, problem, version }: ListedEnvironment): string {
  const marks = [...(isDefault ? ["the default"] : []), ...(problem === undefined ? [] : [`cannot be used: ${problem}`])];
  const mark = marks.length === 0 ? "" : ` [${marks.join("; ")}]`;
  return `- ${versioned(name, version ?? null)}: ${path ?? prefix}${mark}`;
}

function versioned(name: string, version: string | null): string {
  return version === null ? name : `${name}, Python ${version}`;
}
