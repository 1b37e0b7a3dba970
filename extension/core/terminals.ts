/** Changes to the variables of terminals, which make them use a folder's environment. */
import * as l10n from "@vscode/l10n";

import type { VariableChanges } from "../acts.ts";
import type { Answer } from "../protocol.ts";
import { type PathDisplay, pathRules, shortenPaths } from "./paths.ts";
import { asSentence, codeSpan, plainMarkdown } from "./displayText.ts";

/** A change to one variable of a terminal. */
export interface Mutation {
  readonly variable: string;
  readonly kind: "replace" | "prepend";
  readonly value: string;
  /**
   * Whether shell integration applies the change again after the shell's startup files. Without that, a `.bashrc` that puts
   * folders before `PATH` would win.
   */
  readonly applyAtShellIntegration: boolean;
}

/** What a terminal starts from. */
export interface Inherited {
  readonly platform: NodeJS.Platform;
  /** The variables of the process that terminals are started from. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Return the changes that activate an environment in a terminal, one per variable.
 *
 * A terminal's variable can be replaced but not removed, so a variable to unset becomes the empty string, which Python and the
 * tools treat as unset. Values with `${` are left out, because the editor would expand them.
 *
 * @param kind the environment's kind: "system" is a Python of the machine, whose folders are not prepended where `PATH` has
 *   them already
 */
export function mutations(
  { prepend_path: folders, set, unset }: VariableChanges,
  kind: string,
  { env, platform }: Inherited,
): readonly Mutation[] {
  const { delimiter } = pathRules(platform);
  const inheritedFolders = (env["PATH"] ?? env["Path"] ?? "").split(delimiter);
  const foldersToPrepend = folders.filter((folder) => kind !== "system" || !inheritedFolders.includes(folder));
  const pathPrefix = foldersToPrepend.map((folder) => folder + delimiter).join("");
  const removed = unset.filter((variable) => (env[variable] ?? "") !== "" && !(variable in set));
  return [
    ...removed.map((variable) => mutation(variable, "replace", "")),
    // The editor keeps one change per variable, so the prepended folders become part of a PATH that is replaced.
    ...Object.entries(set).map(([variable, value]) =>
      mutation(variable, "replace", variable === "PATH" ? pathPrefix + value : value),
    ),
    ...(pathPrefix === "" || "PATH" in set ? [] : [mutation("PATH", "prepend", pathPrefix)]),
  ].filter(({ value }) => !value.includes("${"));
}

/** Describe which environment new terminals use and why, in one paragraph of Markdown: the editor shows only one. */
export function describeTerminals(answer: Answer, display: PathDisplay): string {
  const { environment, root, summary } = answer;
  const why = plainMarkdown(asSentence(shortenPaths(summary, root, display)));
  const version = environment?.python_version ?? null;
  const name = codeSpan(environment?.name ?? "");
  return version === null
    ? l10n.t("new terminals open in {0}. {1}", name, why)
    : l10n.t("new terminals open in {0}, Python {1}. {2}", name, version, why);
}

/** Create a change. Shell integration does not apply one with a backslash: its scripts read that as an escape. */
function mutation(variable: string, kind: Mutation["kind"], value: string): Mutation {
  return { variable, kind, value, applyAtShellIntegration: !value.includes("\\") };
}
