/** What "New Project..." and "New Script..." ask, and what speaks against an answer. */
import * as l10n from "@vscode/l10n";

import type { CreateOptionsResult } from "../acts.ts";
import { isTable } from "./decode.ts";
import { expandHome, type PathDisplay, pathRules, shortenHome } from "./paths.ts";
import { asSentence } from "./displayText.ts";
import { whyNotPath } from "./settings.ts";

/** The workflows that begin a project: by the template of their tool, and `venv` with a plain one. */
const BEGINNING = new Set(["uv", "hatch", "pdm", "poetry", "venv"]);

/** What there is to choose from, of those that begin a project; why one governs where the user is says nothing of a new one. */
export function beginning(options: CreateOptionsResult): CreateOptionsResult {
  return { ...options, why: "", workflows: options.workflows.filter(({ name }) => BEGINNING.has(name)) };
}

/** What the box for the folder begins with: beside the folder that is open, else in the home folder. */
export function proposedFolder(open: string | undefined, { home, platform }: PathDisplay): string {
  const rules = pathRules(platform);
  const parent = open === undefined ? home : rules.dirname(open);
  // All but the name, which is for the user to say.
  return shortenHome(platform, home, rules.join(parent, "?")).slice(0, -1);
}

/** Says why no project can be begun in the folder that was typed, or undefined when it may. */
export function whyNotFolder(typed: string, exists: (path: string) => boolean, display: PathDisplay): string | undefined {
  const reason = whyNotPath(typed, display.platform);
  if (reason !== undefined) {
    return `${reason.charAt(0).toUpperCase()}${reason.slice(1)}`;
  }
  const path = projectFolder(typed, display);
  const name = pathRules(display.platform).basename(path);
  if (typed.trim().endsWith(pathRules(display.platform).sep) || !/^[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?$/.test(name)) {
    return l10n.t("End with a name for the project, of letters, digits, '.', '_' and '-'.");
  }
  return exists(path) ? l10n.t("{0} exists already.", shortenHome(display.platform, display.home, path)) : undefined;
}

/** The absolute path of the folder that was typed. */
export function projectFolder(typed: string, { home, platform }: PathDisplay): string {
  return pathRules(platform).normalize(expandHome(platform, home, typed.trim()));
}

/** Says why a script cannot be called that, or undefined when it may; `exists` knows the names that are taken. */
export function whyNotScript(typed: string, exists: (name: string) => boolean): string | undefined {
  const name = scriptName(typed);
  if (/[\\/]/.test(name) || !/^[^.].*\.pyw?$/.test(name)) {
    return l10n.t("Enter a file name, such as tool.py.");
  }
  return exists(name) ? l10n.t("{0} exists already.", name) : undefined;
}

/** The file name that was typed; `.py` need not be. */
export function scriptName(typed: string): string {
  const name = typed.trim();
  return name === "" || /\.pyw?$/.test(name) ? name : `${name}.py`;
}

/** Why the command line did nothing, as it prints it for programs; undefined where it does not say. */
export function printedError(printed: string): string | undefined {
  try {
    const told: unknown = JSON.parse(printed);
    const error = isTable(told) ? told["error"] : undefined;
    const message = isTable(error) ? error["message"] : undefined;
    return typeof message === "string" ? asSentence(message) : undefined;
  } catch {
    return undefined;
  }
}
