/**
 * The requests for actions of the helper: methods, shapes and decoders. Queries are in `protocol.ts`.
 *
 * `docs/editor-protocol.schema.json` is generated from these types too. All of these may take long and can be cancelled.
 * `environment` is the absolute path of an environment's folder; without it the default environment of the file or
 * folder is meant.
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

/** A workflow that may create an environment. */
export interface CreationTool {
  readonly name: string;
  /** Its program is installed, or it needs none. */
  readonly installed: boolean;
  /** How to install its program, if that is missing. */
  readonly advice: string;
  /** It governs the folder. */
  readonly governs: boolean;
  /** The user may give the environment any name. */
  readonly any_name: boolean;
  /** The free names that it can give; the default first. */
  readonly names: readonly string[];
  readonly groups: readonly string[];
  readonly extras: readonly string[];
  /** Releases of Python, as `X.Y`, that it can install besides those that are installed. */
  readonly installable: readonly string[];
  /** The project's files whose requirements it installs into a new environment, as far as that can be read from files. */
  readonly installs: readonly string[];
}

/** The choices for a new environment. */
export interface CreateOptionsResult {
  readonly root: string;
  /** The workflow that governs; null where none does. */
  readonly governing: string | null;
  /** Why it governs, as a sentence. */
  readonly why: string;
  /** The governing one first, then those that are installed. */
  readonly workflows: readonly CreationTool[];
  /** The machine's Pythons that the project allows, the best first. */
  readonly pythons: readonly Environment[];
}

/** Returns the choices for a new environment. It only reads files. */
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

/** Parameters of {@link Create}; the workflow and the project decide what is left out. */
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

/** Creates an environment. Progress is reported under `workDoneToken`; cancelling leaves nothing behind. */
export const Create: RequestType<CreateParams, { readonly environment: Environment }> = {
  method: "pythonWorkflow/create",
  result: record<{ environment: Environment }>({ environment: environmentFromWire }),
};

/** The result of {@link Check}: whether an environment can be used, and is in sync with its lock or its project. */
export interface CheckResult {
  readonly state: "in_sync" | "out_of_sync" | "broken" | "none" | "unknown";
  /** What is wrong, or why that is unknown; else empty. */
  readonly message: string;
  /** It has to be recreated: it is broken, or the project does not allow its Python. */
  readonly recreate: boolean;
}

/** Checks an environment. It changes nothing, and may take seconds. */
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

/** Changes to the installed packages. */
export interface Changes {
  readonly changed: boolean;
  readonly installed: readonly Package[];
  readonly removed: readonly Package[];
}

/** The result of {@link Sync}. */
export interface SyncResult extends Changes {
  /** Whether the environment was deleted and recreated. */
  readonly recreated: boolean;
}

/** Parameters of {@link Sync}; `recreate` deletes and recreates the environment. */
export interface SyncParams extends EnvironmentParams {
  readonly recreate?: boolean;
}

const packageFromWire = record<Package>({ name: text, version: text });
const changes = { changed: flag, installed: list(packageFromWire), removed: list(packageFromWire) };

/** Syncs an environment; progress and cancelling work as with {@link Create}. */
export const Sync: RequestType<SyncParams, SyncResult> = {
  method: "pythonWorkflow/sync",
  result: record<SyncResult>({ ...changes, recreated: flag }),
};

/** Parameters of {@link Delete}. */
export interface DeleteParams {
  readonly uri: string;
  readonly environment: string;
  /** Allows an environment where neither the project nor its workflow keeps any; without it that is the error `protected`. */
  readonly outside?: boolean;
  readonly workDoneToken?: ProgressToken;
}

/** The deleted environment, and whether it was the selected one, which is forgotten. */
export interface DeleteResult {
  readonly deleted: string;
  readonly forgotten: boolean;
}

/** Deletes an environment. */
export const Delete: RequestType<DeleteParams, DeleteResult> = {
  method: "pythonWorkflow/delete",
  result: record<DeleteResult>({ deleted: text, forgotten: flag }),
};

/** The installed packages, by name; `prefix` is null where there is no environment. */
export interface PackagesResult {
  readonly prefix: string | null;
  readonly packages: readonly Package[];
}

/** Returns the packages in an environment. It only reads files. */
export const Packages: RequestType<EnvironmentParams, PackagesResult> = {
  method: "pythonWorkflow/packages",
  result: record<PackagesResult>({ prefix: orNull(text), packages: list(packageFromWire) }),
};

/** Parameters of {@link Install} and {@link Uninstall}: requirements to install, or names to uninstall. */
export interface PackagesParams extends EnvironmentParams {
  readonly packages: readonly string[];
}

/** Installs requirements into an environment. The dependencies that the project declares stay as they are. */
export const Install: RequestType<PackagesParams, Changes> = {
  method: "pythonWorkflow/install",
  result: record<Changes>(changes),
};

/** Uninstalls packages from an environment. */
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

/** Reads a command. */
export const commandFromWire = record<Command>({ argv: texts, cwd: text, env: variableChanges });

/** Returns how to start `argv`, a program by name or path with its arguments, in the environment. */
export const StartCommand: RequestType<
  EnvironmentParams & { readonly argv: readonly string[] },
  Command
> = { method: "pythonWorkflow/command", result: commandFromWire };

/** The variables of a terminal in an environment; `prefix` is null, and nothing changes, where there is no usable one. */
export interface ActivationResult {
  readonly prefix: string | null;
  readonly env: VariableChanges;
}

/** Returns the variables of a terminal in the environment of a file or folder. */
export const Activation: RequestType<EnvironmentParams, ActivationResult> = {
  method: "pythonWorkflow/activation",
  result: record<ActivationResult>({ prefix: orNull(text), env: variableChanges }),
};

/** A named command of a project. */
export interface Task {
  readonly name: string;
  readonly description: string;
}

/** A project's tasks, and the workflow that provides them; empty where no workflow may be asked. */
export interface TasksResult {
  readonly workflow: string;
  readonly tasks: readonly Task[];
}

/** Returns the named commands of a project. */
export const Tasks: RequestType<{ readonly uri: string }, TasksResult> = {
  method: "pythonWorkflow/tasks",
  result: record<TasksResult>({
    workflow: text,
    tasks: list(record<Task>({ name: text, description: withDefault(text, "") })),
  }),
};

/** Returns how to start a task, with `argv` added to its own arguments. */
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

/** The inline metadata of a script (PEP 723). */
export interface ScriptResult {
  /** Whether it has inline metadata, even invalid. */
  readonly script: boolean;
  /** The first and the last line of the block, counted from 0; null where no block can be recognized. */
  readonly first_line: number | null;
  readonly last_line: number | null;
  readonly requires_python: string | null;
  readonly dependencies: readonly string[];
  readonly problems: readonly ScriptProblem[];
  /** The script's environment; null until it was created for the present metadata. */
  readonly environment: Environment | null;
}

/** Reads a script's inline metadata. `text` is the content of the editor, if it differs from the file. It only reads files. */
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

/** Creates a script's environment, unless it exists; progress and cancelling work as with {@link Create}. */
export const PrepareScript: RequestType<
  { readonly uri: string; readonly workDoneToken?: ProgressToken },
  { readonly environment: Environment }
> = {
  method: "pythonWorkflow/prepareScript",
  result: record<{ environment: Environment }>({ environment: environmentFromWire }),
};

/** The preferences in the user's `pyworkflow.toml`, which every tool reads. */
export interface PreferenceResult {
  /** Its absolute path, whether or not it exists. */
  readonly file: string;
  readonly root: string;
  readonly preferred: { readonly name: string; readonly policy: Policy } | null;
  /** The rule for this root alone; without a name it says to follow the project. */
  readonly rule: { readonly workflow: string | null } | null;
}

/** Returns the preferences in the user's file: the one for every folder, and the rule for the root of a file or folder. */
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

/** A program with its arguments, and the requirements to install for it. */
export interface CommandWorkflow {
  readonly cmd: readonly string[];
  readonly requires?: readonly string[];
}

/** Parameters of {@link Prefer}. */
export interface PreferParams {
  readonly uri: string;
  /** A bundled name, an absolute path, a command, or `project` to follow the project; null removes the preference. */
  readonly workflow: string | CommandWorkflow | null;
  readonly policy?: Policy;
  /** Applies it to the root of `uri` alone, instead of every folder. */
  readonly folder?: boolean;
}

/** Changes the preferences in the user's file. */
export const Prefer: RequestType<PreferParams, { readonly file: string }> = {
  method: "pythonWorkflow/prefer",
  result: record<{ file: string }>({ file: text }),
};

/** Returns the variables of a file, by its absolute path, as python-dotenv reads it: a `NAME=VALUE` per line. */
export const EnvFile: RequestType<
  { readonly path: string },
  { readonly variables: Readonly<Record<string, string>> }
> = {
  method: "pythonWorkflow/envFile",
  result: record<{ variables: Readonly<Record<string, string>> }>({ variables: mapping(text) }),
};

/** A file of the project that cannot be read; lines and columns are counted from 0. */
export interface FileProblem {
  /** Absolute. */
  readonly path: string;
  /** What is wrong, as a clause. */
  readonly message: string;
  /** Null where the whole file is meant. */
  readonly line: number | null;
  readonly column: number | null;
}

/** Returns the project's configuration files that have syntax errors. It only reads files. */
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
