/** Reads and checks the values of the user's settings. */
import * as l10n from "@vscode/l10n";

import { isTable } from "./decode.ts";
import { pathRules } from "./paths.ts";
import type { Policy, Preference } from "../protocol.ts";

/** The setting that names the user's workflow. */
export const WORKFLOW_SETTING = "pythonWorkflow.workflow";
/** The setting that says whether it overrides a project's own. */
export const POLICY_SETTING = "pythonWorkflow.policy";
/** The setting that names the helper's Python. */
export const HELPER_PYTHON_SETTING = "pythonWorkflow.helperPython";

/** The setting of Microsoft's Python extension that names an interpreter, which this one reads as well. */
export const DEFAULT_INTERPRETER_SETTING = "python.defaultInterpreterPath";

/** The setting of the same extension that names the file of variables for what is started. */
export const ENV_FILE_SETTING = "python.envFile";

/** The setting that names folders in which environments are looked for. */
export const ENVIRONMENT_FOLDERS_SETTING = "pythonWorkflow.environmentFolders";

/** No preference, one, or a sentence that says what is wrong with the setting. */
export type PreferenceSetting =
  | { readonly kind: "unset" }
  | { readonly kind: "set"; readonly preference: Preference }
  | { readonly kind: "wrong"; readonly message: string };

/** The keys that say how to start a workflow; `requires` only accompanies them. */
const LAUNCH_KEYS = ["cmd", "script", "module", "config"] as const;

/**
 * Read the values of the two workflow settings.
 *
 * A name is not looked up and a path is not visited here: the helper knows the
 * bundled workflows, and runs on the machine that has the files.
 */
export function parsePreference(
  workflow: unknown,
  policy: unknown,
  platform: NodeJS.Platform,
): PreferenceSetting {
  if (workflow === undefined || workflow === null || workflow === "") {
    return { kind: "unset" };
  }
  if (policy !== undefined && policy !== null && policy !== "override" && policy !== "default") {
    return wrong(POLICY_SETTING, l10n.t('"override" or "default"'), policy);
  }
  const rank: Policy = policy === "default" ? "default" : "override";
  if (typeof workflow === "string") {
    const reason = whyNotWorkflow(workflow, platform);
    return reason === undefined
      ? { kind: "set", preference: { workflow: workflow.trim(), policy: rank } }
      : { kind: "wrong", message: l10n.t("The setting {0} cannot be used: {1}", WORKFLOW_SETTING, reason) };
  }
  if (!isTable(workflow)) {
    return wrong(WORKFLOW_SETTING, l10n.t("a name, an absolute path or a table"), workflow);
  }
  return tableProblem(workflow) ?? { kind: "set", preference: { workflow, policy: rank } };
}

/**
 * Return why a text names no workflow; undefined if it may.
 *
 * It may be a name (`uv`), an absolute path, or a path below `~`.
 */
export function whyNotWorkflow(value: string, platform: NodeJS.Platform): string | undefined {
  const trimmed = value.trim();
  if (trimmed === "") {
    return l10n.t("it is empty.");
  }
  if (/^[A-Za-z][\w.-]*$/.test(trimmed)) {
    return undefined;
  }
  return whyNotPath(trimmed, platform);
}

/** Return why a text is not an absolute path or a path below `~`; undefined if it is. */
export function whyNotPath(value: string, platform: NodeJS.Platform): string | undefined {
  const trimmed = value.trim();
  if (trimmed === "") {
    return l10n.t("it is empty.");
  }
  if (trimmed.includes("\0")) {
    return l10n.t("it contains a NUL character.");
  }
  if (trimmed === "~" || trimmed.startsWith("~/") || trimmed.startsWith("~\\")) {
    return undefined;
  }
  return pathRules(platform).isAbsolute(trimmed)
    ? undefined
    : l10n.t('"{0}" is a relative path. Enter the full path, or start with ~ for your home folder.', trimmed);
}

/** Return the folders that a setting names; other values in the list are ignored. */
export function parseFolders(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function tableProblem(value: Readonly<Record<string, unknown>>): PreferenceSetting | undefined {
  if (!LAUNCH_KEYS.some((key) => key in value)) {
    return wrong(WORKFLOW_SETTING, l10n.t("a table with one of {0}", LAUNCH_KEYS.join(", ")), value);
  }
  for (const [key, found] of Object.entries(value)) {
    const words = Array.isArray(found) && found.every((item) => typeof item === "string");
    if (key === "cmd" && !(words && found.length > 0)) {
      return wrong(`${WORKFLOW_SETTING}.cmd`, l10n.t("a list of strings"), found);
    }
    if (key === "requires" && !(words || typeof found === "string")) {
      return wrong(`${WORKFLOW_SETTING}.requires`, l10n.t("a string or a list of strings"), found);
    }
    if ((key === "script" || key === "module" || key === "config") && typeof found !== "string") {
      return wrong(`${WORKFLOW_SETTING}.${key}`, l10n.t("a string"), found);
    }
  }
  return undefined;
}

function wrong(setting: string, expected: string, found: unknown): PreferenceSetting {
  return {
    kind: "wrong",
    message: l10n.t("The setting {0} is {1}, where {2} is expected.", setting, JSON.stringify(found), expected),
  };
}
