/** Provides tasks for VS Code: a project's named commands and files, as plain processes in their environment. */
import { existsSync } from "node:fs";
import { basename } from "node:path";

import * as vscode from "vscode";

import { TaskCommand, Tasks } from "../acts.ts";
import { ENV_PROGRAM, plainProcess } from "../core/processes.ts";
import { readTask, TASK_TYPE, taskDefinition, taskGroup } from "../core/tasks.ts";
import { activePlace } from "./places.ts";
import type { Services } from "./services.ts";
import { orReported } from "./report.ts";
import { type How, isContested, pythonFor, type Starting } from "./starting.ts";

/** Provide the tasks of all open projects, and fill in those of `tasks.json`. */
export function registerTasks(services: Services): vscode.Disposable {
  return vscode.tasks.registerTaskProvider(TASK_TYPE, {
    provideTasks: async () => (vscode.workspace.isTrusted ? allTasks(services) : []),
    resolveTask: async (task) => orReported(services.log, resolvedTask(services, task)),
  });
}

/**
 * Return the task that runs a file in its own environment; undefined where it has none, after a message.
 *
 * Rejects with HelperError.
 */
export async function fileTask(
  services: Services,
  file: vscode.Uri,
  args: readonly string[],
  existing?: vscode.Task,
): Promise<vscode.Task | undefined> {
  if (!existsSync(file.fsPath)) {
    throw new Error(vscode.l10n.t("{0} doesn't exist.", file.fsPath));
  }
  const again = async (): Promise<unknown> => vscode.commands.executeCommand("pythonWorkflow.runFile", file);
  const how = await pythonFor(services, file, [file.fsPath, ...args], existing === undefined ? again : undefined, { there: "python" });
  if (how === undefined) {
    return undefined;
  }
  const task = pythonTask(services, file, how, existing ?? { definition: { type: TASK_TYPE, file: file.fsPath }, name: basename(file.fsPath) });
  task.presentationOptions = { ...task.presentationOptions, reveal: vscode.TaskRevealKind.Always, clear: true, focus: false };
  return task;
}

/** Create a task that runs the command of `how`. */
export function pythonTask(
  services: Starting,
  place: vscode.Uri,
  { command, environment }: How,
  existing: Pick<vscode.Task, "definition" | "name"> & Partial<Pick<vscode.Task, "scope">>,
): vscode.Task {
  const contested = isContested(services, place, environment.prefix);
  return quietly(
    new vscode.Task(
      existing.definition,
      existing.scope ?? vscode.workspace.getWorkspaceFolder(place) ?? vscode.TaskScope.Workspace,
      existing.name,
      "Python",
      execution(command, contested),
      [],
    ),
  );
}

/** Return the tasks of every workspace folder, and of the project that the active file is in. */
async function allTasks(services: Services): Promise<vscode.Task[]> {
  const places = new Map<string, vscode.Uri>();
  const active = activePlace();
  const folders = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri);
  for (const place of [...folders, ...(active === undefined ? [] : [active])]) {
    const root = await rootOf(services, place);
    if (root !== undefined && !places.has(root)) {
      places.set(root, vscode.Uri.file(root));
    }
  }
  const found = await Promise.all([...places.values()].map(async (root) => tasksOf(services, root)));
  return found.flat();
}

async function rootOf(services: Services, place: vscode.Uri): Promise<string | undefined> {
  try {
    return place.scheme === "file" ? (await services.interpreters.resolve(place.toString())).root : undefined;
  } catch (error) {
    services.log.debug(`No tasks of ${place.toString()}: ${String(error)}`);
    return undefined;
  }
}

/** Return the tasks of a project. One that cannot be started is left out, and the log says why. */
async function tasksOf(services: Services, root: vscode.Uri): Promise<vscode.Task[]> {
  const uri = root.toString();
  const scope = vscode.workspace.getWorkspaceFolder(root);
  if (scope === undefined) {
    return [];
  }
  try {
    const { tasks, workflow } = await services.helper.request(Tasks, { uri });
    const perTask = tasks.map(async ({ name, description }) => {
      const definition = taskDefinition(name, root.fsPath, scope.uri.fsPath, process.platform);
      try {
        const task = await namedTask(services, definition, scope, { root, name, args: [], workflow });
        task.detail = description;
        return [task];
      } catch (error) {
        services.log.warn(`The task ${name} of ${root.fsPath} is left out: ${String(error)}`);
        return [];
      }
    });
    return (await Promise.all(perTask)).flat();
  } catch (error) {
    services.log.warn(`The tasks of ${root.fsPath} are not known: ${String(error)}`);
    return [];
  }
}

/** Complete a task of `tasks.json` with its command. Rejects with HelperError. */
async function resolvedTask(services: Services, task: vscode.Task): Promise<vscode.Task | undefined> {
  const scope = typeof task.scope === "object" ? task.scope : undefined;
  const folder = scope ?? vscode.workspace.workspaceFolders?.[0];
  const read = readTask(task.definition, folder?.uri.fsPath, process.platform);
  switch (read?.kind) {
    case undefined:
      return undefined;
    case "file":
      return fileTask(services, vscode.Uri.file(read.path), read.args, task);
    case "task": {
      const root = vscode.Uri.file(read.folder);
      const { name, args } = read;
      return namedTask(services, task.definition, task.scope ?? vscode.TaskScope.Workspace, { root, name, args });
    }
  }
}

interface Named {
  readonly root: vscode.Uri;
  readonly name: string;
  readonly args: readonly string[];
  /** The workflow that knows the task. */
  readonly workflow?: string;
}

async function namedTask(
  services: Services,
  definition: vscode.TaskDefinition,
  scope: vscode.WorkspaceFolder | vscode.TaskScope,
  { root, name, args, workflow }: Named,
): Promise<vscode.Task> {
  const uri = root.toString();
  const command = await services.helper.request(TaskCommand, { uri, name, argv: args });
  const prefix = services.interpreters.get(uri)?.environment?.prefix;
  const contested = prefix !== undefined && isContested(services, root, prefix);
  const run = execution(command, contested);
  const task = quietly(new vscode.Task(definition, scope, name, workflow ?? "pythonWorkflow", run, []));
  const group = taskGroup(name);
  if (group !== undefined) {
    task.group = group === "build" ? vscode.TaskGroup.Build : vscode.TaskGroup.Test;
  }
  return task;
}

/** Let a task hide its command line where that is full of variables. */
function quietly(task: vscode.Task): vscode.Task {
  const run = task.execution;
  if (run instanceof vscode.ProcessExecution && run.process === ENV_PROGRAM) {
    task.presentationOptions = { echo: false };
  }
  return task;
}

function execution(command: Parameters<typeof plainProcess>[0], contested: boolean): vscode.ProcessExecution {
  const { args, cwd, env, program } = plainProcess(command, process.env, process.platform, contested);
  return new vscode.ProcessExecution(program, [...args], { cwd, env });
}
