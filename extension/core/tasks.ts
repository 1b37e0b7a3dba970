/** The editor's tasks that this extension knows: a project's named commands, and running a file. */
import { pathRules } from "./paths.ts";

/** The type of these tasks, in `tasks.json` too. */
export const TASK_TYPE = "pythonWorkflow";

/** What a task does: a named command of the project's, or a Python file in its own environment. */
export type TaskDefinition =
  | { readonly kind: "task"; readonly name: string; readonly folder: string; readonly args: readonly string[] }
  | { readonly kind: "file"; readonly path: string; readonly args: readonly string[] };

/**
 * Read the definition of a task.
 *
 * @param definition as it stands in `tasks.json`: `task` or `file`, and `args` and `folder`
 * @param scope absolute path of the workspace folder that the task is of; undefined for none
 * @returns its paths absolute; undefined where it is no task of ours
 */
export function readTask(
  definition: Readonly<Record<string, unknown>>,
  scope: string | undefined,
  platform: NodeJS.Platform,
): TaskDefinition | undefined {
  const { task, file, folder, args } = definition;
  const rules = pathRules(platform);
  const at = (path: string): string | undefined =>
    rules.isAbsolute(path) ? path : scope === undefined ? undefined : rules.join(scope, path);
  const words = Array.isArray(args) ? args.filter((word) => typeof word === "string") : [];
  if (typeof file === "string" && file !== "" && task === undefined) {
    const path = at(file);
    return path === undefined ? undefined : { kind: "file", path, args: words };
  }
  const where = at(typeof folder === "string" ? folder : "");
  return typeof task === "string" && task !== "" && where !== undefined
    ? { kind: "task", name: task, folder: rules.join(where, "."), args: words }
    : undefined;
}

/** Return a definition as `tasks.json` has it: with the folder only where it is not the workspace folder itself. */
export function taskDefinition(
  name: string,
  folder: string,
  scope: string,
  platform: NodeJS.Platform,
): { readonly type: string; readonly task: string; readonly folder?: string } {
  const relative = pathRules(platform).relative(scope, folder).replaceAll("\\", "/");
  return { type: TASK_TYPE, task: name, ...(relative === "" ? {} : { folder: relative }) };
}

/** Return the editor's group for a task of that name. */
export function taskGroup(name: string): "build" | "test" | undefined {
  const found = /^(build|tests?)$/.exec(name)?.[1];
  return found === "build" ? "build" : found === undefined ? undefined : "test";
}
