/** What is started on the machine of an environment that is on another one. */
import { isInside, pathRules } from "./paths.ts";

/** A shell in the environment: the user's own there. A login shell would put PATH right, and the environment out of it. */
export const SHELL_THERE: readonly string[] = ["sh", "-c", 'exec "${SHELL:-sh}" -i'];

/**
 * Python there, started in the folder that answers to the project's.
 *
 * @param args its arguments here: absolute paths of the project are told relative to it, with slashes
 * @param root the project's absolute root here
 */
export function pythonThere(args: readonly string[], root: string, platform: NodeJS.Platform): readonly string[] {
  const rules = pathRules(platform);
  const translated = (arg: string): string =>
    rules.isAbsolute(arg) && isInside(platform, root, arg) ? rules.relative(root, arg).replaceAll(rules.sep, "/") : arg;
  return ["python", ...args.map(translated)];
}
