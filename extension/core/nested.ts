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
