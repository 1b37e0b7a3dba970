/**
 * What the extension has its helper do, beyond questions: methods, shapes and decoders.
 *
 * `docs/editor-protocol.schema.json` is made from these types too. All of these may take long
 * and can be cancelled. `environment` is the folder of one, absolute;
 * without it the one of the file or folder is meant.
 */
import {
  count,
  flag,
  list,
  mapping,
  oneOf,
  orNull,
  record,
  sentence,
  text,
  texts,
  withDefault,
} from "./core/decode.ts";
import { type Environment, environmentFromWire, type Policy, type ProgressToken, type RequestType } from "./protocol.ts";

/** A file or folder, and one of its environments. */
export interface EnvironmentParams {
  readonly uri: string;
  readonly environment?: string;
  readonly workDoneToken?: ProgressToken;
}

/** A workflow that could make an environment. */
export interface CreationTool {
  readonly name: string;
  /** Its program is there, or it needs none. */
  readonly installed: boolean;
  /** How to get its program, where that is missing. */
  readonly advice: string;
  /** It governs the folder. */
  readonly governs: boolean;
  /** The user may give the environment any name. */
  readonly any_name: boolean;
  /** Names that it would give, and that are free; the default first. */
  readonly names: readonly string[];
  readonly groups: readonly string[];
  readonly extras: readonly string[];
  /** Releases of Python, as `X.Y`, that it could install besides those that are there. */
  readonly installable: readonly string[];
  /** Files of the project whose requirements a new environment is given, as far as files tell. */
  readonly installs: readonly string[];
}

/** What there is to choose from when an environment is to be made. */
export interface CreateOptionsResult {
  readonly root: string;
  /** The workflow that governs; null where none does. */
  readonly governing: string | null;
  /** Why it governs, as a sentence. */
  readonly why: string;
  /** The governing one first, then those that are installed. */
  readonly workflows: readonly CreationTool[];
  /** Those of the machine that the project allows, the best first. */
  readonly pythons: readonly Environment[];
}

/** What there is to choose from; it reads files alone. */
export const CreateOptions: RequestType<{ readonly uri: string }, CreateOptionsResult> = {
  method: "pythonWorkflow/createOptions",
  result: record<CreateOptionsResult>({
    root: text,
    governing: orNull(text),
    why: text,
    workflows: list(
      record<CreationTool>({
        name: text,
        installed: flag,
        advice: text,
        governs: flag,
        any_name: flag,
        names: texts,
        groups: texts,
        extras: texts,
        installable: texts,
        installs: texts,
      }),
    ),
    pythons: list(environmentFromWire),
  }),
};

/** What to make; what is left out is what the workflow and the project say. */
export interface CreateParams {
  readonly uri: string;
  /** A bundled workflow's name. */
  readonly workflow?: string;
  readonly name?: string;
  /** An absolute path, or `X.Y`. */
  readonly python?: string;
  readonly groups?: readonly string[];
  readonly extras?: readonly string[];
  readonly workDoneToken?: ProgressToken;
}

/** Create an environment; progress comes under `workDoneToken`, cancelling leaves nothing half-made. */
export const Create: RequestType<CreateParams, { readonly environment: Environment }> = {
  method: "pythonWorkflow/create",
  result: record<{ environment: Environment }>({ environment: environmentFromWire }),
};

/** Whether an environment can be used and is in sync with its lock, or with its project. */
export interface CheckResult {
  readonly state: "in_sync" | "out_of_sync" | "broken" | "none" | "unknown";
  /** What is wrong, or why nobody can tell; else empty. */
  readonly message: string;
  /** It is to be recreated: it is broken, or its Python is not one that the project allows. */
  readonly recreate: boolean;
}

/** Checks; it changes nothing, and may take seconds. */
export const Check: RequestType<EnvironmentParams, CheckResult> = {
  method: "pythonWorkflow/check",
  result: record<CheckResult>({
    state: oneOf("in_sync", "out_of_sync", "broken", "none", "unknown"),
    message: sentence,
    recreate: flag,
  }),
};

/** An installed distribution. */
export interface Package {
  readonly name: string;
  readonly version: string;
}

/** What was done to what is installed. */
export interface Changes {
  readonly changed: boolean;
  readonly installed: readonly Package[];
  readonly removed: readonly Package[];
}

/** What bringing an environment into step did. */
export interface SyncResult extends Changes {
  /** It was deleted, and recreated. */
  readonly recreated: boolean;
}

/** Parameters of {@link Sync}; `recreate` has the environment deleted and recreated. */
export interface SyncParams extends EnvironmentParams {
  readonly recreate?: boolean;
}

const packageFromWire = record<Package>({ name: text, version: text });
const changes = { changed: flag, installed: list(packageFromWire), removed: list(packageFromWire) };

/** Brings an environment into step; progress and cancelling are as with {@link Create}. */
export const Sync: RequestType<SyncParams, SyncResult> = {
  method: "pythonWorkflow/sync",
  result: record<SyncResult>({ ...changes, recreated: flag }),
};

/** Parameters of {@link Delete}. */
export interface DeleteParams {
  readonly uri: string;
  readonly environment: string;
  /** It may lie where neither the project nor its workflow keeps environments; else that is error `protected`. */
  readonly outside?: boolean;
  readonly workDoneToken?: ProgressToken;
}

/** What was deleted, and whether it was selected: that is forgotten. */
export interface DeleteResult {
  readonly deleted: string;
  readonly forgotten: boolean;
}

/** Deletes an environment. */
export const Delete: RequestType<DeleteParams, DeleteResult> = {
  method: "pythonWorkflow/delete",
  result: record<DeleteResult>({ deleted: text, forgotten: flag }),
};

/** What is installed, by name; `prefix` is null where there is no environment. */
export interface PackagesResult {
  readonly prefix: string | null;
  readonly packages: readonly Package[];
}

/** What is installed in an environment; it reads files alone. */
export const Packages: RequestType<EnvironmentParams, PackagesResult> = {
  method: "pythonWorkflow/packages",
  result: record<PackagesResult>({ prefix: orNull(text), packages: list(packageFromWire) }),
};

/** Parameters of {@link Install} and {@link Uninstall}: requirements to install, or names to take out. */
export interface PackagesParams extends EnvironmentParams {
  readonly packages: readonly string[];
}

/** Installs requirements into an environment; what the project declares stays as it is. */
export const Install: RequestType<PackagesParams, Changes> = {
  method: "pythonWorkflow/install",
  result: record<Changes>(changes),
};

/** Takes packages out of an environment. */
export const Uninstall: RequestType<PackagesParams, Changes> = {
  method: "pythonWorkflow/uninstall",
  result: record<Changes>(changes),
};

/** Changes to the variables of a process, applied in this order; `prepend_path` goes before `PATH`. */
export interface VariableChanges {
  readonly unset: readonly string[];
  readonly set: Readonly<Record<string, string>>;
  readonly prepend_path: readonly string[];
}

/** How to start something as a plain child process. */
export interface Command {
  readonly argv: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  readonly env: VariableChanges;
}

const variableChanges = record<VariableChanges>({
  unset: texts,
  set: mapping(text),
  prepend_path: texts,
});

/** Reads how something is started. */
export const commandFromWire = record<Command>({ argv: texts, cwd: text, env: variableChanges });

/** How to start `argv`, a program by name or path with its arguments, in the environment. */
export const StartCommand: RequestType<
  EnvironmentParams & { readonly argv: readonly string[] },
  Command
> = { method: "pythonWorkflow/command", result: commandFromWire };

/** What a terminal in an environment has; `prefix` is null, and nothing changes, where there is none to be used. */
export interface ActivationResult {
  readonly prefix: string | null;
  readonly env: VariableChanges;
}

/** What a terminal in the environment of a file or folder has. */
export const Activation: RequestType<EnvironmentParams, ActivationResult> = {
  method: "pythonWorkflow/activation",
  result: record<ActivationResult>({ prefix: orNull(text), env: variableChanges }),
};

/** A command that the project gives a name. */
export interface Task {
  readonly name: string;
  readonly description: string;
}

/** A project's tasks, and the workflow that knows them: empty where nobody may be asked. */
export interface TasksResult {
  readonly workflow: string;
  readonly tasks: readonly Task[];
}

/** The named commands of a project. */
export const Tasks: RequestType<{ readonly uri: string }, TasksResult> = {
  method: "pythonWorkflow/tasks",
  result: record<TasksResult>({
    workflow: text,
    tasks: list(record<Task>({ name: text, description: withDefault(text, "") })),
  }),
};

/** How to start a task, with `argv` added to its own arguments. */
export const TaskCommand: RequestType<
  { readonly uri: string; readonly name: string; readonly argv?: readonly string[] },
  Command
> = { method: "pythonWorkflow/taskCommand", result: commandFromWire };

/** What is wrong with a script's inline metadata, and where; lines and columns are counted from 0. */
export interface ScriptProblem {
  readonly line: number;
  /** Null where the whole line is meant. */
  readonly column: number | null;
  readonly message: string;
}

/** What a script says of itself in a comment (PEP 723). */
export interface ScriptResult {
  /** Whether it says anything, be it with mistakes. */
  readonly script: boolean;
  /** The lines of the block's opening and end, counted from 0; null where no block can be made out. */
  readonly first_line: number | null;
  readonly last_line: number | null;
  readonly requires_python: string | null;
  readonly dependencies: readonly string[];
  readonly problems: readonly ScriptProblem[];
  /** Its own; null until it was made for what the script says now. */
  readonly environment: Environment | null;
}

/** What a script says; `text` is what the editor shows, where the file holds something else. It reads files alone. */
export const Script: RequestType<{ readonly uri: string; readonly text?: string }, ScriptResult> = {
  method: "pythonWorkflow/script",
  result: record<ScriptResult>({
    script: flag,
    first_line: orNull(count),
    last_line: orNull(count),
    requires_python: orNull(text),
    dependencies: texts,
    problems: list(
      record<ScriptProblem>({ line: count, column: orNull(count), message: text }),
    ),
    environment: orNull(environmentFromWire),
  }),
};

/** Makes a script's own environment, unless it is there; progress and cancelling are as with {@link Create}. */
export const PrepareScript: RequestType<
  { readonly uri: string; readonly workDoneToken?: ProgressToken },
  { readonly environment: Environment }
> = {
  method: "pythonWorkflow/prepareScript",
  result: record<{ environment: Environment }>({ environment: environmentFromWire }),
};

/** What the user's `pyworkflow.toml` says, which every tool reads. */
export interface PreferenceResult {
  /** Its absolute path, whether or not it is there. */
  readonly file: string;
  readonly root: string;
  readonly preferred: { readonly name: string; readonly policy: Policy } | null;
  /** What it says of the root alone; without a name: to follow the project. */
  readonly rule: { readonly workflow: string | null } | null;
}

/** What the user's own file says everywhere, and of the root of a file or folder. */
export const PreferenceFile: RequestType<{ readonly uri: string }, PreferenceResult> = {
  method: "pythonWorkflow/preference",
  result: record<PreferenceResult>({
    file: text,
    root: text,
    preferred: orNull(
      record<{ name: string; policy: Policy }>({
        name: text,
        policy: oneOf("override", "default"),
      }),
    ),
    rule: orNull(record<{ workflow: string | null }>({ workflow: orNull(text) })),
  }),
};

/** A program with its arguments, and what it requires to be installed. */
export interface CommandWorkflow {
  readonly cmd: readonly string[];
  readonly requires?: readonly string[];
}

/** Parameters of {@link Prefer}. */
export interface PreferParams {
  readonly uri: string;
  /** A bundled name, an absolute path, a command, `project` to follow the project; null takes back what was said. */
  readonly workflow: string | CommandWorkflow | null;
  readonly policy?: Policy;
  /** For the root of `uri` alone, instead of everywhere. */
  readonly folder?: boolean;
}

/** Has the user's own file say something else. */
export const Prefer: RequestType<PreferParams, { readonly file: string }> = {
  method: "pythonWorkflow/prefer",
  result: record<{ file: string }>({ file: text }),
};

/** The variables of a file, which is absolute: `NAME=VALUE` a line, as python-dotenv reads it. */
export const EnvFile: RequestType<
  { readonly path: string },
  { readonly variables: Readonly<Record<string, string>> }
> = {
  method: "pythonWorkflow/envFile",
  result: record<{ variables: Readonly<Record<string, string>> }>({ variables: mapping(text) }),
};

/** A file of the project's own that cannot be read; lines and columns are counted from 0. */
export interface FileProblem {
  /** Absolute. */
  readonly path: string;
  /** What is wrong, as a clause. */
  readonly message: string;
  /** Null where the whole file is meant. */
  readonly line: number | null;
  readonly column: number | null;
}

/** The files in which a project declares itself, and that do not parse. It reads files alone. */
export const FileProblems: RequestType<
  { readonly uri: string },
  { readonly problems: readonly FileProblem[] }
> = {
  method: "pythonWorkflow/fileProblems",
  result: record<{ problems: readonly FileProblem[] }>({
    problems: list(
      record<FileProblem>({ path: text, message: text, line: orNull(count), column: orNull(count) }),
    ),
  }),
};
