/** Folders where interpreters are installed without being on PATH. */
import type { Machine } from "./machine.ts";
import { pathRules } from "./paths.ts";

/** Return the absolute paths of folders that may hold interpreters, the likeliest first; some may not exist. */
export function usualFolders(machine: Machine): readonly string[] {
  return machine.platform === "win32" ? windowsFolders(machine) : posixFolders(machine);
}

function posixFolders(machine: Machine): readonly string[] {
  const { env, home } = machine;
  const data = env["XDG_DATA_HOME"] ?? `${home}/.local/share`;
  const mac = machine.platform === "darwin";
  return [
    "/usr/local/bin",
    ...(mac ? ["/opt/homebrew/bin"] : []),
    "/usr/bin",
    `${home}/.local/bin`,
    ...versionFolders(machine, env["UV_PYTHON_INSTALL_DIR"] ?? `${data}/uv/python`),
    ...versionFolders(machine, `${env["PYENV_ROOT"] ?? `${home}/.pyenv`}/versions`),
    ...versionFolders(machine, `${home}/.asdf/installs/python`),
    ...versionFolders(machine, `${data}/mise/installs/python`),
    ...(mac ? versionFolders(machine, "/Library/Frameworks/Python.framework/Versions") : []),
    ...versionFolders(machine, "/opt/python"),
    ...["miniforge3", "miniconda3", "anaconda3"].map((name) => `${home}/${name}/bin`),
  ];
}

function windowsFolders(machine: Machine): readonly string[] {
  const { env, home } = machine;
  const rules = pathRules(machine.platform);
  const join = (...parts: readonly string[]): string => rules.join(...parts);
  const local = env["LOCALAPPDATA"] ?? join(home, "AppData", "Local");
  const roaming = env["APPDATA"] ?? join(home, "AppData", "Roaming");
  const programs = env["ProgramFiles"] ?? "C:\\Program Files";
  return [
    // The install manager's, the classic installer's for one user and for all, and so on.
    ...pythonsIn(machine, join(local, "Python")),
    ...pythonsIn(machine, join(local, "Programs", "Python")),
    ...pythonsIn(machine, programs),
    ...pythonsIn(machine, "C:\\"),
    ...versionFolders(machine, env["UV_PYTHON_INSTALL_DIR"] ?? join(roaming, "uv", "python")),
    ...versionFolders(machine, join(home, ".pyenv", "pyenv-win", "versions")),
    ...["miniforge3", "miniconda3", "anaconda3"].map((name) => join(home, name)),
    // Last: where the Store's Python is not installed, these are stubs that open the Store.
    join(local, "Microsoft", "WindowsApps"),
  ];
}

/** Return the folders named like an install (`Python312`, `pythoncore-3.14-64`), the newest first. */
function pythonsIn(machine: Machine, folder: string): readonly string[] {
  return versionFolders(
    { ...machine, list: (at) => machine.list(at).filter((name) => /^python(core-)?-?3/i.test(name)) },
    folder,
  );
}

/**
 * Return the folders of the interpreters behind a version manager's shims (pyenv, asdf, mise). A shim itself is slow,
 * and starts the version that the current folder asks for.
 */
export function behindShims(machine: Machine, shims: string): readonly string[] {
  const rules = pathRules(machine.platform);
  const manager = rules.dirname(shims);
  const stores = [rules.join(manager, "versions"), rules.join(manager, "installs", "python")];
  return stores.flatMap((store) => versionFolders(machine, store));
}

/** Return the folders of a store of versions that hold interpreters, the newest first. */
function versionFolders(machine: Machine, store: string, inside = "bin"): readonly string[] {
  const rules = pathRules(machine.platform);
  return machine
    .list(store)
    .filter((name) => !/pypy|graalpy/i.test(name))
    .toSorted(newestFirst)
    .map((name) =>
      machine.platform === "win32" ? rules.join(store, name) : rules.join(store, name, inside),
    );
}

function newestFirst(left: string, right: string): number {
  return right.localeCompare(left, "en", { numeric: true });
}
