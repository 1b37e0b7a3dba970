/** Decides which terminals may be replaced by one with the environment of a nested project. */

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
 * @param shell the absolute path of the user's default shell
 */
export function isJustOpened(terminal: OpenedTerminal, shell: string): boolean {
  const { env, hasEnded, iconPath, isUsed, name, shellArgs, shellPath } = terminal;
  const args = shellArgs === undefined ? [] : typeof shellArgs === "string" ? shellArgs.split(/\s+/).filter(Boolean) : shellArgs;
  const isPlain = args.every((arg) => ["-l", "--login", "-i", "-NoLogo"].includes(arg));
  const isOwnShell = shellPath === undefined || shellPath === shell;
  const hasVariables = env !== undefined && env !== null && Object.keys(env).length > 0;
  const isNamed = name !== undefined && name !== "";
  return !isNamed && iconPath === undefined && !hasVariables && isOwnShell && isPlain && !isUsed && !hasEnded;
}
