/** Functions about paths of any platform. */
import { posix, win32 } from "node:path";

/** Return the path rules of a platform. */
export function pathRules(platform: NodeJS.Platform): typeof posix {
  return platform === "win32" ? win32 : posix;
}

/** Return whether `path` is `folder` or lies below it; both absolute. */
export function isInside(platform: NodeJS.Platform, folder: string, path: string): boolean {
  const rules = pathRules(platform);
  const relative = rules.relative(folder, path);
  return relative === "" || !(relative === ".." || relative.startsWith(`..${rules.sep}`) || rules.isAbsolute(relative));
}

/** Replace a leading `~` by `home`; another user's `~name` stays. */
export function expandHome(platform: NodeJS.Platform, home: string, path: string): string {
  if (path === "~") {
    return home;
  }
  const below = path.startsWith("~/") || (platform === "win32" && path.startsWith("~\\"));
  return below ? pathRules(platform).join(home, path.slice(2)) : path;
}

/** Replace the home folder at the beginning of a path by `~`, for the user. */
export function shortenHome(platform: NodeJS.Platform, home: string, path: string): string {
  if (home === "" || path === home || !isInside(platform, home, path)) {
    return path;
  }
  const rules = pathRules(platform);
  return `~${rules.sep}${rules.relative(home, path)}`;
}

/** The facts by which paths are shortened for the user. */
export interface PathDisplay {
  readonly platform: NodeJS.Platform;
  /** Absolute path of the home folder, shown as `~`. */
  readonly home: string;
}

/** Shorten the paths in a sentence, for the user: relative to the project's root, else with `~` for the home folder. */
export function shortenPaths(text: string, root: string, display: PathDisplay): string {
  const { sep } = pathRules(display.platform);
  const fromRoot = root === "" || root === sep ? text : text.replaceAll(`${root}${sep}`, "");
  return display.home === "" ? fromRoot : fromRoot.replaceAll(`${display.home}${sep}`, `~${sep}`);
}

/** Return the last part of a path. */
export function baseName(platform: NodeJS.Platform, path: string): string {
  return pathRules(platform).basename(path);
}
