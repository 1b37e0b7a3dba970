/** The setting of Python Environments that lists nested projects: which ones to add, and the question to the user. */
import * as l10n from "@vscode/l10n";

import type { Environment } from "../protocol.ts";
import { isTable } from "./decode.ts";
import { isInside, pathRules } from "./paths.ts";

/** Its section, and its settings in that. */
export const SECTION = "python-envs";
export const PROJECTS = "pythonProjects";

/** The most projects that a question names. */
const MOST_NAMED = 3;

/** A project, and the environment that can be used for it. */
export interface Project {
  /** Absolute path of its folder. */
  readonly root: string;
  readonly environment: Environment | undefined;
}

/** An entry of the setting, as Python Environments writes it. */
export interface ProjectEntry {
  readonly path: string;
  readonly envManager: string;
  readonly packageManager: string;
}

/** Return the roots of the projects in a folder, each once, although several of its files may belong to one. */
export function nestedRoots(platform: NodeJS.Platform, folder: string, roots: readonly string[]): readonly string[] {
  return [...new Set(roots)].filter((root) => root !== folder && isInside(platform, folder, root));
}

/**
 * Return the roots of the nested projects for which Python Environments would use the environment of the outer project.
 *
 * @param folder the open folder, which is a project there
 * @param nested the projects in it
 * @param named absolute paths of the nested projects that the setting names
 */
export function unnamedProjects(
  platform: NodeJS.Platform,
  folder: Project,
  nested: readonly Project[],
  named: readonly string[],
): readonly string[] {
  const known = new Map([...nested, folder].map(({ environment, root }) => [root, environment?.interpreter_path]));
  const around = (root: string): string =>
    named.filter((path) => isInside(platform, path, root)).sort((one, other) => other.length - one.length)[0] ??
    folder.root;
  return nested
    .filter(({ environment, root }) => environment !== undefined && root !== folder.root && !named.includes(root))
    .filter(({ environment, root }) => known.get(around(root)) !== environment?.interpreter_path)
    .map(({ root }) => root)
    .sort();
}

/**
 * Return the setting with entries for more projects; what it has stays.
 *
 * @param entries what the setting holds
 * @param managers what the folder has for a project that names none
 */
export function withProjects(
  platform: NodeJS.Platform,
  entries: unknown,
  folder: string,
  roots: readonly string[],
  managers: Omit<ProjectEntry, "path">,
): readonly unknown[] {
  const rules = pathRules(platform);
  const kept: readonly unknown[] = Array.isArray(entries) ? entries : [];
  const paths = kept.filter(isTable).map(({ path }) => (typeof path === "string" ? rules.resolve(folder, path) : undefined));
  const added = roots
    .filter((root) => !paths.includes(root))
    .map((root) => ({ path: rules.relative(folder, root).replaceAll(rules.sep, "/"), ...managers }));
  return [...kept, ...added];
}

/** Return the question whether to write the setting: it names the projects, the setting and the file. */
export function projectsQuestion(platform: NodeJS.Platform, folder: string, roots: readonly string[]): string {
  const rules = pathRules(platform);
  const name = rules.basename(folder);
  const paths = roots.map((root) => rules.relative(folder, root).replaceAll(rules.sep, "/"));
  const projects = projectList(paths);
  return l10n.t(
    "The Python Environments extension uses one environment for all of {0}, but projects in it have their own. Add {1} to \"{2}\" in {0}/.vscode/settings.json?",
    name,
    projects,
    `${SECTION}.${PROJECTS}`,
  );
}

function projectList(paths: readonly string[]): string {
  const rest = paths.length - MOST_NAMED;
  const named = paths.slice(0, MOST_NAMED).join(", ");
  if (rest <= 0) {
    return named;
  }
  return rest === 1 ? l10n.t("{0} and 1 more project", named) : l10n.t("{0} and {1} more projects", named, rest);
}
