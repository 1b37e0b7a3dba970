/** The choices of "Set My Preferred Workflow...", "Follow This Project's Workflow Here" and "Stop Following My Workflow...". */
import * as l10n from "@vscode/l10n";

import type { CommandWorkflow, PreferenceResult } from "../acts.ts";
import type { PathDisplay } from "./paths.ts";
import { shortenHome } from "./paths.ts";
import type { ChoiceRow } from "./workflowChoices.ts";

/** The place where a preference is saved. */
export type PreferredIn =
  /** The user's own settings of this editor. */
  | "editor"
  /** The user's `pyworkflow.toml`, which every tool reads. */
  | "file";

/**
 * Return the places where a preference can be saved.
 *
 * @param file absolute path of the user's `pyworkflow.toml`
 */
export function whereRows(file: string, display: PathDisplay): readonly ChoiceRow<PreferredIn>[] {
  return [
    {
      label: l10n.t("In this editor"),
      detail: l10n.t("Saved in your user settings. It overrides your preference for every tool"),
      choice: "editor",
      current: false,
    },
    {
      label: l10n.t("In every tool"),
      detail: l10n.t(
        "In {0}: the command line and other editors follow it too",
        shortenHome(display.platform, display.home, file),
      ),
      choice: "file",
      current: false,
    },
  ];
}

/** A preference of the user about workflows, which can be removed. */
export type RemovablePreference =
  | { readonly kind: "editor" }
  | { readonly kind: "file" }
  | { readonly kind: "rule" }
  | { readonly kind: "chosen" };

/** All preferences of the user. */
export interface SavedPreferences {
  /** The value of the editor's own setting, as a name; undefined where none is set. */
  readonly editor: string | undefined;
  readonly file: PreferenceResult;
  /** The workflow that was chosen for the folder; null where none was. */
  readonly chosen: string | null;
}

/** Return all preferences that can be removed. */
export function preferenceList(state: SavedPreferences, display: PathDisplay): readonly ChoiceRow<RemovablePreference>[] {
  const { chosen, editor, file } = state;
  const short = (path: string): string => shortenHome(display.platform, display.home, path);
  const row = (label: string, detail: string, choice: RemovablePreference): ChoiceRow<RemovablePreference> => ({
    label,
    detail,
    choice,
    current: false,
  });
  return [
    ...(editor === undefined
      ? []
      : [row(l10n.t("{0}, in this editor", editor), l10n.t("Your user settings"), { kind: "editor" })]),
    ...(file.preferred === null
      ? []
      : [row(l10n.t("{0}, in every tool", file.preferred.name), short(file.file), { kind: "file" })]),
    ...(file.rule === null
      ? []
      : [
          row(
            file.rule.workflow === null
              ? l10n.t("Follow the project in {0}", short(file.root))
              : l10n.t("{0} in {1}", file.rule.workflow, short(file.root)),
            short(file.file),
            { kind: "rule" },
          ),
        ]),
    ...(chosen === null
      ? []
      : [
          row(
            l10n.t("{0}, chosen for {1}", chosen, short(file.root)),
            l10n.t("This editor's choice for the folder"),
            { kind: "chosen" },
          ),
        ]),
  ];
}

/** Return the name of a preferred workflow: its name, its path, or the program of its command. */
export function nameOfWorkflow(value: unknown): string | undefined {
  if (typeof value === "string") {
    return value.trim() === "" ? undefined : value.trim();
  }
  if (typeof value !== "object" || value === null) {
    return undefined;
  }
  const { cmd, config, module, script } = value as Readonly<Record<string, unknown>>;
  const first = Array.isArray(cmd) ? (cmd as readonly unknown[])[0] : (script ?? module ?? config);
  return typeof first === "string" ? first : undefined;
}

/**
 * Split a command that the user typed into arguments: at spaces, but for those in single or double quotes.
 *
 * Nothing is expanded: the command is started without a shell. Undefined where a quote is not closed or the text is
 * empty.
 */
export function splitArguments(typed: string): readonly string[] | undefined {
  const args: string[] = [];
  let arg: string | undefined;
  let quote = "";
  for (const letter of typed) {
    if (quote !== "") {
      if (letter === quote) {
        quote = "";
      } else {
        arg = `${arg ?? ""}${letter}`;
      }
    } else if (letter === '"' || letter === "'") {
      quote = letter;
      arg ??= "";
    } else if (/\s/.test(letter)) {
      if (arg !== undefined) {
        args.push(arg);
      }
      arg = undefined;
    } else {
      arg = `${arg ?? ""}${letter}`;
    }
  }
  if (arg !== undefined) {
    args.push(arg);
  }
  return quote !== "" || args.length === 0 ? undefined : args;
}

/** Return the value of the setting for a command; requirements are separated by commas or spaces. */
export function commandWorkflow(cmd: readonly string[], requires: string): CommandWorkflow {
  const requirements = requires
    .split(",")
    .map((requirement) => requirement.trim())
    .filter((requirement) => requirement !== "");
  return requirements.length === 0 ? { cmd } : { requires: requirements, cmd };
}
