/** Finds the folders below an open one that are projects of their own. */
import { pathRules } from "./paths.ts";

/** Files that make their folder a project. */
export const PROJECT_FILES = "**/{pyproject.toml,pyworkflow.toml,.python-envs,uv.lock,pdm.lock,poetry.lock,Pipfile,pixi.toml,hatch.toml}";

/** Folders that contain no project of the user. */
export const NOT_SEARCHED =
  "**/{node_modules,site-packages,.venv,venv,.git,.hg,.tox,.nox,.pixi,.cache,__pycache__,__pypackages__,build,dist,target}/**";

/** Limits of the search: the number of files and of folders, and the depth of a folder. */
export const MOST_FILES = 500;
const MOST_PROJECTS = 100;
const MOST_DEPTH = 6;

/** Return the folders of `files` below `folder`, the nearest first: a bounded number of them, and none of them too deep. */
export function nestedFolders(folder: string, files: readonly string[], platform: NodeJS.Platform): readonly string[] {
  const rules = pathRules(platform);
  const depth = (path: string): number => rules.relative(folder, path).split(rules.sep).length;
  return [...new Set(files.map((file) => rules.dirname(file)))]
    .filter((path) => path !== folder && depth(path) <= MOST_DEPTH)
    .sort((left, right) => depth(left) - depth(right) || left.localeCompare(right))
    .slice(0, MOST_PROJECTS);
}

/** The way in which a terminal was opened. */
export interface OpenedTerminal {
  readonly name?: string | undefined;
  readonly shellPath?: string | undefined;
  readonly shellArgs?: string | readonly string[] | undefined;
  readonly env?: object | null | undefined;
  readonly iconPath?: unknown;
  readonly isUsed: boolean;
  readonly hasEnded: boolean;
}

/**
 * Return whether a terminal is a plain shell that the user just opened: not a task's, a debugger's, or another
 * extension's.
 *
 * @param shell the user's own; absolute
 */
export function isJustOpened(terminal: OpenedTerminal, shell: string): boolean {
  const { env, hasEnded, iconPath, isUsed, name, shellArgs, shellPath } = terminal;
  const args = shellArgs === undefined ? [] : typeof shellArgs === "string" ? shellArgs.split(/\s+/).filter(Boolean) : shellArgs;
  const isPlain = args.every((word) => ["-l", "--login", "-i", "-NoLogo"].includes(word));
  const isOwnShell = shellPath === undefined || shellPath === shell;
  const hasVariables = env !== undefined && env !== null && Object.keys(env).length > 0;
  const isNamed = name !== undefined && name !== "";
  return !isNamed && iconPath === undefined && !hasVariables && isOwnShell && isPlain && !isUsed && !hasEnded;
}
