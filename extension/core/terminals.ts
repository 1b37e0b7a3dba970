/** What terminals get of a folder's environment, as changes to their variables. */
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
   * It is made again once the shell has read its own files, where the editor's shell integration runs: else a `.bashrc`
   * that puts folders before `PATH` would win.
   */
  readonly again: boolean;
}

/** What a terminal starts from. */
export interface Inherited {
  readonly platform: NodeJS.Platform;
  /** The variables of the process that terminals are started from. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * The changes that put a terminal into an environment, one a variable.
 *
 * A terminal's variable can be replaced but not removed; the empty string is what Python and the tools take for none. What
 * the editor would read as more than a plain value is left out.
 *
 * @param kind of the environment: a Python of the machine is not one, and leaves alone what is found on `PATH` already
 */
export function mutations(
  { prepend_path: prepended, set, unset }: VariableChanges,
  kind: string,
  { env, platform }: Inherited,
): readonly Mutation[] {
  const { delimiter } = pathRules(platform);
  const found = (env["PATH"] ?? env["Path"] ?? "").split(delimiter);
  const first = prepended.filter((folder) => kind !== "system" || !found.includes(folder));
  const before = first.map((folder) => folder + delimiter).join("");
  const removed = unset.filter((variable) => (env[variable] ?? "") !== "" && !(variable in set));
  return [
    ...removed.map((variable) => mutation(variable, "replace", "")),
    // The editor keeps one change a variable.
    ...Object.entries(set).map(([variable, value]) =>
      mutation(variable, "replace", variable === "PATH" ? before + value : value),
    ),
    ...(before === "" || "PATH" in set ? [] : [mutation("PATH", "prepend", before)]),
  ].filter(({ value }) => !value.includes("${"));
}

/** Which environment, and why, as Markdown of one paragraph: the editor shows no more. */
export function terminalsTold(answer: Answer, display: PathDisplay): string {
  const { environment, root, summary } = answer;
  const why = plainMarkdown(asSentence(shortenPaths(summary, root, display)));
  const version = environment?.python_version ?? null;
  const name = codeSpan(environment?.name ?? "");
  return version === null
    ? l10n.t("new terminals open in {0}. {1}", name, why)
    : l10n.t("new terminals open in {0}, Python {1}. {2}", name, version, why);
}

/** The scripts of the shell integration read a backslash as the start of an escape. */
function mutation(variable: string, kind: Mutation["kind"], value: string): Mutation {
  return { variable, kind, value, again: !value.includes("\\") };
}
