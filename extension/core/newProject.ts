/** The choices of "New Project..." and "New Script...", and the checks of what is typed. */
import * as l10n from "@vscode/l10n";

import type { CreateOptionsResult } from "../acts.ts";
import { isTable } from "./decode.ts";
import { expandHome, type PathDisplay, pathRules, shortenHome } from "./paths.ts";
import { asSentence } from "./displayText.ts";
import { whyNotPath } from "./settings.ts";

/** The workflows that can create a project: with the template of their tool, and `venv` with a plain one. */
const PROJECT_TOOLS = new Set(["uv", "hatch", "pdm", "poetry", "venv"]);

/**
 * Return only the workflows that can create a project. The reason why a workflow governs the current folder is left out: it does
 * not hold for a new project.
 */
export function projectTools(options: CreateOptionsResult): CreateOptionsResult {
  return { ...options, why: "", workflows: options.workflows.filter(({ name }) => PROJECT_TOOLS.has(name)) };
}

/** Return the folder to propose: beside the open folder, else in the home folder. */
export function proposedFolder(open: string | undefined, { home, platform }: PathDisplay): string {
  const rules = pathRules(platform);
  const parent = open === undefined ? home : rules.dirname(open);
  // All but the name, which is for the user to say.
  return shortenHome(platform, home, rules.join(parent, "?")).slice(0, -1);
}

/** Return why no project can be created in the folder that was typed, or undefined when it can. */
export function folderProblem(typed: string, exists: (path: string) => boolean, display: PathDisplay): string | undefined {
  const reason = whyNotPath(typed, display.platform);
  if (reason !== undefined) {
    return `${reason.charAt(0).toUpperCase()}${reason.slice(1)}`;
  }
  const path = projectFolder(typed, display);
  const name = pathRules(display.platform).basename(path);
  if (typed.trim().endsWith(pathRules(display.platform).sep) || !/^[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?$/.test(name)) {
    return l10n.t("End with a name for the project, of letters, digits, '.', '_' and '-'.");
  }
  return exists(path) ? l10n.t("{0} already exists.", shortenHome(display.platform, display.home, path)) : undefined;
}

/** Return the absolute path of the folder that was typed. */
export function projectFolder(typed: string, { home, platform }: PathDisplay): string {
  return pathRules(platform).normalize(expandHome(platform, home, typed.trim()));
}

/** Return why a script cannot have the name that was typed, or undefined when it can; `exists` knows the names that are taken. */
export function scriptNameProblem(typed: string, exists: (name: string) => boolean): string | undefined {
  const name = scriptName(typed);
  if (/[\\/]/.test(name) || !/^[^.].*\.pyw?$/.test(name)) {
    return l10n.t("Enter a file name, such as tool.py.");
  }
  return exists(name) ? l10n.t("{0} already exists.", name) : undefined;
}

/** Return the file name that was typed, with `.py` added if it is missing. */
export function scriptName(typed: string): string {
  const name = typed.trim();
  return name === "" || /\.pyw?$/.test(name) ? name : `${name}.py`;
}

/** Return the error in the JSON output of `wsp`; undefined where it has none. */
export function printedError(printed: string): string | undefined {
  try {
    const document: unknown = JSON.parse(printed);
    const error = isTable(document) ? document["error"] : undefined;
    const message = isTable(error) ? error["message"] : undefined;
    return typeof message === "string" ? asSentence(message) : undefined;
  } catch {
    return undefined;
  }
}
