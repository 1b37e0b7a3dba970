/** From what the helper says of how to start something, to a process of the editor's. */
import type { Command, VariableChanges } from "../acts.ts";
import { pathRules } from "./paths.ts";

/** A process without a shell; `env` is put over the variables that it would have. */
export interface PlainProcess {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The machine's program that starts another with other variables; as good as everywhere but on Windows. */
export const ENV_PROGRAM = "/usr/bin/env";

/**
 * Return what becomes of the variables of `base`: those that change, null for those that go.
 *
 * Names are compared without case where the platform does so.
 */
export function changedVariables(
  changes: VariableChanges,
  base: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): Record<string, string | null> {
  const changed: Record<string, string | null> = {};
  const spelled = (name: string): string => {
    const names = [...Object.keys(changed), ...Object.keys(base)];
    const same = (other: string): boolean => other.toUpperCase() === name.toUpperCase();
    return platform === "win32" ? (names.find(same) ?? name) : name;
  };
  for (const name of changes.unset.map(spelled)) {
    if (base[name] !== undefined) {
      changed[name] = null;
    }
  }
  for (const [name, value] of Object.entries(changes.set)) {
    changed[spelled(name)] = value;
  }
  if (changes.prepend_path.length > 0) {
    const path = spelled("PATH");
    const before = path in changed ? changed[path] : base[path];
    const rest = before === null || before === undefined || before === "" ? [] : [before];
    changed[path] = [...changes.prepend_path, ...rest].join(pathRules(platform).delimiter);
  }
  return changed;
}

/**
 * Return the process that starts something in its environment.
 *
 * The editor can add variables to a process and not take them away, and puts those that extensions contribute to
 * terminals on top of them. Where that matters the machine's `env` puts them right.
 *
 * @param base the variables that the process would have
 * @param contested whether variables are contributed to terminals that are not those of this environment
 */
export function plainProcess(
  how: Command,
  base: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
  contested: boolean,
): PlainProcess {
  const [program = "", ...args] = how.argv;
  const changed = changedVariables(how.env, base, platform);
  const put = entries(changed, (value) => value);
  const gone = Object.keys(changed).filter((name) => changed[name] === null);
  // What has an equals sign would be a variable to it.
  const canWrap = platform !== "win32" && !program.includes("=");
  if (canWrap && (contested || gone.length > 0)) {
    const words = Object.entries(put).map(([name, value]) => `${name}=${value}`);
    const without = gone.flatMap((name) => ["-u", name]);
    return { program: ENV_PROGRAM, args: [...without, ...words, program, ...args], cwd: how.cwd, env: {} };
  }
  return { program, args, cwd: how.cwd, env: entries(changed, (value) => value ?? "") };
}

/** By these the editor has a shell renew the variables of its terminals. */
const RENEWED = ["VSCODE_ENV_APPEND", "VSCODE_ENV_PREPEND", "VSCODE_ENV_REPLACE"];

/**
 * Return the process that starts a shell in an environment, where the editor's terminals have another one's variables.
 *
 * @param shell the shell's program; absolute
 */
export function contestedShell(
  how: Command,
  shell: string,
  base: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): PlainProcess {
  // Terminals of macOS have login shells, which set PATH.
  const argv = platform === "darwin" ? [shell, "-l"] : [shell];
  const env = { ...how.env, unset: [...how.env.unset, ...RENEWED] };
  const renewed = Object.fromEntries(RENEWED.map((name) => [name, ""]));
  return plainProcess({ ...how, argv, env }, { ...base, ...renewed }, platform, true);
}

function entries(
  variables: Readonly<Record<string, string | null | undefined>>,
  kept: (value: string | null | undefined) => string | null | undefined,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) => {
      const put = kept(value);
      return put === null || put === undefined ? [] : [[name, put]];
    }),
  );
}
