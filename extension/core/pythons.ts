/**
 * Pythons that may run the helper, the likeliest first.
 *
 * No interpreter is started here and versions are read from names, so a candidate may still turn out too old: the
 * caller then tries the next one.
 */
import type { Machine } from "./machine.ts";
import { isInside, pathRules } from "./paths.ts";
import { behindShims, usualFolders } from "./pythonPlaces.ts";

/** The oldest Python 3 that runs the helper. */
const OLDEST_MINOR = 10;
/** The newest Python 3 that is looked for by its name. */
const NEWEST_MINOR = 20;

/** The input of the search besides the machine. */
export interface Search {
  /** The user's setting: an absolute path, or `~`; undefined when not set. */
  readonly setting: string | undefined;
  /** The Python that ran the helper last. */
  readonly remembered: string | undefined;
  /** Absolute paths of the open folders: nothing inside them is ever a candidate. */
  readonly workspace: readonly string[];
}

/** Yield absolute paths of existing interpreters, each real file once. */
export function* candidatePythons(machine: Machine, search: Search): Generator<string> {
  const workspace = search.workspace.map((folder) => machine.real(folder) ?? folder);
  const rules = pathRules(machine.platform);
  const seen = new Set<string>();
  for (const path of spellings(machine, search)) {
    const folder = machine.real(rules.dirname(path));
    const real = folder === undefined ? undefined : machine.real(path);
    if (folder === undefined || real === undefined || seen.has(real)) {
      continue;
    }
    seen.add(real);
    const ofWorkspace = [folder, real].some((place) =>
      workspace.some((open) => isInside(machine.platform, open, place)),
    );
    if (!ofWorkspace && !isTooOld(machine, path, real) && !isInstallerStub(machine, path)) {
      yield path;
    }
  }
}

/**
 * Return the minor version in a path: `python3.12`, `Python312`, `cpython-3.12.4-linux`, `versions/3.12.4/bin`;
 * undefined where there is none.
 */
export function minorVersion(path: string): number | undefined {
  const dotted = [...path.matchAll(/(?<![\d.])3\.(\d{1,2})(?!\d)/g)].at(-1)?.[1];
  const joined = [...path.matchAll(/python3(\d{1,2})(?!\d)/gi)].at(-1)?.[1];
  const found = dotted ?? joined;
  return found === undefined ? undefined : Number(found);
}

function* spellings(machine: Machine, search: Search): Generator<string> {
  for (const path of [search.setting, search.remembered]) {
    if (path !== undefined && pathRules(machine.platform).isAbsolute(path)) {
      yield path;
    }
  }
  for (const folder of pathFolders(machine)) {
    yield* interpretersIn(machine, folder);
  }
  for (const folder of usualFolders(machine)) {
    yield* interpretersIn(machine, folder);
  }
}

/** Return the folders of PATH, with those of version managers' shims replaced by what is behind them. */
function* pathFolders(machine: Machine): Generator<string> {
  const rules = pathRules(machine.platform);
  const path = machine.env["PATH"] ?? machine.env["Path"] ?? "";
  for (const entry of path.split(rules.delimiter)) {
    const folder = machine.platform === "win32" ? entry.replaceAll('"', "") : entry;
    // A relative entry would mean another program in each folder that is opened.
    if (!rules.isAbsolute(folder)) {
      continue;
    }
    const behind = rules.basename(folder) === "shims" ? behindShims(machine, folder) : [];
    yield* behind.length > 0 ? behind : [folder];
  }
}

function* interpretersIn(machine: Machine, folder: string): Generator<string> {
  const rules = pathRules(machine.platform);
  if (machine.platform === "win32") {
    yield rules.join(folder, "python.exe");
    return;
  }
  for (let minor = NEWEST_MINOR; minor >= OLDEST_MINOR; minor -= 1) {
    yield rules.join(folder, `python3.${minor}`);
  }
  yield rules.join(folder, "python3");
  yield rules.join(folder, "python");
}

function isTooOld(machine: Machine, path: string, real: string): boolean {
  const name = pathRules(machine.platform).basename(real);
  const minor = minorVersion(name) ?? minorVersion(path);
  return name.startsWith("python2") || (minor !== undefined && minor < OLDEST_MINOR);
}

/** Return whether a `python3` is macOS's stub, which without the developer tools only opens their installer. */
function isInstallerStub(machine: Machine, path: string): boolean {
  return (
    machine.platform === "darwin" &&
    path.startsWith("/usr/bin/") &&
    machine.real("/Library/Developer/CommandLineTools/usr/bin/python3") === undefined &&
    machine.real("/Applications/Xcode.app") === undefined
  );
}
