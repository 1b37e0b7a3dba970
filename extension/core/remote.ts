/** The commands that are started in an environment on another machine. */
import { isInside, pathRules } from "./paths.ts";

/** Starts the user's shell there in the environment. No login shell: that would reset PATH and lose the environment. */
export const SHELL_THERE: readonly string[] = ["sh", "-c", 'exec "${SHELL:-sh}" -i'];

/**
 * Return the command for Python there, in the folder that corresponds to the project's.
 *
 * @param args its arguments here: absolute paths in the project become relative ones, with slashes
 * @param root the project's absolute root here
 */
export function pythonThere(args: readonly string[], root: string, platform: NodeJS.Platform): readonly string[] {
  const rules = pathRules(platform);
  const translated = (arg: string): string =>
    rules.isAbsolute(arg) && isInside(platform, root, arg) ? rules.relative(root, arg).replaceAll(rules.sep, "/") : arg;
  return ["python", ...args.map(translated)];
}
