/** Turns a debug configuration into the one that the debugger gets. */
import * as l10n from "@vscode/l10n";

import { isTable } from "./decode.ts";
import { pathRules } from "./paths.ts";

/** The debug type. */
export const DEBUG_TYPE = "pythonWorkflow";
/** The default port of the debugger, to listen on and to attach to. */
export const DEBUG_PORT = 5678;
/** The attribute with the Python that runs the debug adapter, for `createDebugAdapterDescriptor`. */
export const ADAPTER_PYTHON = "debugAdapterPython";

/** The oldest Python 3 that the bundled debugger runs in. */
const OLDEST_MINOR = 10;

/** A configuration of `launch.json`, or what takes its place. */
export interface DebugConfig {
  readonly name: string;
  readonly type: string;
  readonly request: string;
  readonly [attribute: string]: unknown;
}

/** A Python, and its version as far as that is known. */
export interface KnownPython {
  /** Absolute. */
  readonly path: string;
  readonly version: string | null;
}

/** Return the configuration for F5 on a file where `launch.json` has none. */
export function fileLaunch(program: string): DebugConfig {
  return { name: l10n.t("Python File"), type: DEBUG_TYPE, request: "launch", program };
}

/** Return why a configuration cannot be used, and what to do, as a sentence; undefined when it can. */
export function whyNotDebug(config: DebugConfig): string | undefined {
  if (config.request === "launch") {
    const named = ["program", "module", "code"].filter((name) => !isAbsent(config[name]));
    if (named.length === 1) {
      return undefined;
    }
    return named.length === 0
      ? l10n.t('A launch configuration needs exactly one of "program", "module" or "code". This one has none.')
      : l10n.t('A launch configuration needs exactly one of "program", "module" or "code". This one has {0}.', named.join(", "));
  }
  if (config.request !== "attach") {
    return l10n.t('"request" is "launch" or "attach", not "{0}".', config.request);
  }
  if ("processId" in config && !("subProcessId" in config)) {
    return l10n.t(
      'The bundled debugger cannot attach to a process by its id. Start the program with "python -m debugpy --listen {0} ...", and attach with "connect".',
      DEBUG_PORT,
    );
  }
  return endpoint(config) !== undefined || isTable(config["listen"])
    ? undefined
    : l10n.t('An attach configuration needs "connect" or "listen" with a port.');
}

/** Return the address that a configuration attaches to; undefined where it listens for the debugger instead. */
export function endpoint(config: DebugConfig): { readonly host: string; readonly port: number } | undefined {
  const place = isTable(config["connect"]) ? config["connect"] : config;
  const port = Number(place["port"]);
  const host = place["host"];
  return config.request === "attach" && !isAbsent(place["port"]) && Number.isInteger(port) && port > 0 && port < 65_536
    ? { host: typeof host === "string" && host !== "" ? host : "localhost", port }
    : undefined;
}

/**
 * Return the file or folder whose environment a launch runs in: that of its program, else where it runs.
 *
 * @param folder absolute path of the workspace folder of the configuration
 */
export function launchPlace(
  config: DebugConfig,
  folder: string | undefined,
  platform: NodeJS.Platform,
): string | undefined {
  const rules = pathRules(platform);
  const at = (path: string, from: string | undefined): string | undefined =>
    rules.isAbsolute(path) ? path : from === undefined ? undefined : rules.join(from, path);
  const cwd = typeof config["cwd"] === "string" && config["cwd"] !== "" ? at(config["cwd"], folder) : folder;
  const { program } = config;
  return typeof program === "string" && program !== "" ? at(program, cwd) : cwd;
}

/** The way to start an environment's Python, for {@link launchOf}. */
export interface LaunchHow {
  /** The command line of its Python, with the wrapper before it if it needs one. */
  readonly argv: readonly string[];
  /** The Python itself. */
  readonly python: string;
  readonly cwd: string;
  /** Null removes a variable. */
  readonly variables: Readonly<Record<string, string | null>>;
}

/**
 * Return the configuration for the debugger: the user's, completed with the environment's Python and variables.
 *
 * @param how undefined where the configuration itself names a Python
 * @param fromFile the variables of its `envFile`
 */
export function launchOf(
  config: DebugConfig,
  how: LaunchHow | undefined,
  fromFile: Readonly<Record<string, string>>,
): DebugConfig {
  const own = isTable(config["env"]) ? config["env"] : {};
  const wrapped = how !== undefined && how.argv[0] !== how.python;
  return {
    console: "integratedTerminal",
    // The terminal is where the program is.
    ...(config["console"] === "internalConsole" ? {} : { internalConsoleOptions: "neverOpen" }),
    justMyCode: true,
    showReturnValue: true,
    ...(how === undefined ? {} : { python: how.argv, cwd: how.cwd }),
    ...(wrapped ? { debugLauncherPython: how.python } : {}),
    ...present(config),
    env: { ...QUIET, ...how?.variables, ...fromFile, ...own },
  };
}

/** Turns off the warning about frozen modules, which every child process of the program would print. */
const QUIET = { PYDEVD_DISABLE_FILE_VALIDATION: "1" };

/** Return why the bundled debugger cannot run in a Python, as a sentence; undefined if it can, or may. */
export function whyNotPython(name: string, version: string | null): string | undefined {
  return version === null || isNewEnough(version)
    ? undefined
    : l10n.t(
        "{0} has Python {1}, but the debugger needs Python {2} or newer. You can run without debugging.",
        name,
        version,
        `3.${OLDEST_MINOR}`,
      );
}

/** Return the Python for the adapter: the environment's own if it is known to run it, else the helper's. */
export function adapterPython(environment: KnownPython | undefined, helper: string | undefined): string | undefined {
  const version = environment?.version ?? null;
  return version !== null && isNewEnough(version) ? environment?.path : (helper ?? environment?.path);
}

function isNewEnough(version: string): boolean {
  const [major, minor] = version.split(".").map(Number);
  return major === 3 && minor !== undefined && minor >= OLDEST_MINOR;
}

/** Return whether an attribute has no value. An empty text counts as none: variables and forms leave such. */
function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);
}

/** Return the configuration without empty attributes and those that only the editor uses. */
function present(config: DebugConfig): DebugConfig {
  const defined = Object.entries(config).filter(
    ([name, value]) => name !== "envFile" && value !== null && value !== "" && value !== undefined,
  );
  return Object.fromEntries(defined) as unknown as DebugConfig;
}
