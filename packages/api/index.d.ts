/**
 * The API of the VS Code extension Python Workflow.
 *
 * ```ts
 * import { getApi } from "@python-workflow/api";
 *
 * const api = await getApi(1);
 * const interpreter = await api?.getInterpreter(document.uri);
 * if (interpreter?.trusted && interpreter.environment) {
 *   run(interpreter.environment.path);
 * }
 * ```
 *
 * This file is the only place that says what the API is: the extension is compiled against it.
 */
import type { CancellationToken, Event, TaskExecution, Uri } from "vscode";

/** The extension's id, for `extensionDependencies`. */
export declare const EXTENSION_ID: "python-workflow.python-workflow";

/**
 * Activate the extension and return its API.
 *
 * Undefined if the extension is not installed, is disabled, or runs without a file system. Rejects with an Error if the
 * installed extension does not have this version of the API.
 */
export declare function getApi(version: 1): Promise<PythonWorkflowApi | undefined>;

/** The exports of the extension; use {@link getApi} instead. */
export interface PythonWorkflowExports {
  /** Throws an Error for a version that this release does not have. */
  readonly getApi: (version: 1) => PythonWorkflowApi | undefined;
}

/** The API, version 1. Nothing in it is removed or changed in meaning; more may be added. */
export interface PythonWorkflowApi {
  /** The whole version, such as `1.0.0`: that of this package. */
  readonly version: string;

  /** Returns the interpreter of a file or folder. Waits for the extension's helper if it has not answered yet. */
  readonly getInterpreter: (uri: Uri) => Promise<Interpreter>;

  /** Lists the environments that can be selected for a file or folder. Each call reads them again. */
  readonly listEnvironments: (uri: Uri, options?: ListOptions) => Promise<EnvironmentList>;

  /** Explains the selection for a file or folder: all rules that were tried, in order. */
  readonly explain: (uri: Uri) => Promise<Explanation>;

  /**
   * Selects an environment for the project of a file or folder, and remembers it for the user.
   *
   * @param environment an environment, or the absolute path of an interpreter or of an environment's folder
   * @returns the interpreter now
   */
  readonly select: (uri: Uri, environment: PythonEnvironment | string) => Promise<Interpreter>;

  /** Selects "no interpreter", and remembers it. */
  readonly selectNone: (uri: Uri) => Promise<Interpreter>;

  /** Clears the selection: the project's own rules decide again. */
  readonly clearSelection: (uri: Uri) => Promise<Interpreter>;

  /**
   * Creates an environment with the workflow that governs, and selects it. The user sees the progress and can cancel
   * it. Nothing is ever overwritten: if the name is taken, it rejects with `already_exists`.
   */
  readonly createEnvironment: (
    uri: Uri,
    options?: CreateOptions,
    token?: CancellationToken,
  ) => Promise<PythonEnvironment>;

  /**
   * Returns the variables of a program in the environment of a file or folder, as terminals have them there. Rejects
   * with `no_environment` where there is none. Since 1.1.0.
   */
  readonly getEnvironmentVariables: (uri: Uri) => Promise<EnvironmentVariables>;

  /**
   * Runs Python with `args` in the environment of a file or folder, in its project's folder, as a task: the user sees its
   * output and can end it. Rejects with `no_environment` where there is none. Since 1.1.0.
   *
   * @param args what comes behind the interpreter, such as `["-m", "pytest"]`; no shell reads them
   */
  readonly runAsTask: (uri: Uri, args: readonly string[], options?: TaskOptions) => Promise<TaskExecution>;

  /**
   * Runs Python with `args` as {@link runAsTask} does, for your extension alone: nothing is shown. Resolves when it has ended.
   * Rejects with `no_environment` where there is none, with `cancelled` when the token ended it, and with `too_much_output`
   * when it wrote more than 16 MiB. It is ended with the window, if not before. Since 1.1.0.
   */
  readonly runInBackground: (uri: Uri, args: readonly string[], token?: CancellationToken) => Promise<BackgroundRun>;

  /** Fires when the interpreter of a workspace folder, or of another place that was requested, has changed. */
  readonly onDidChangeInterpreter: Event<InterpreterChange>;
}

/** The workspace is not trusted: nothing in it may be run, so there is no path. */
export interface Untrusted {
  readonly trusted: false;
}

/** The interpreter of a file or folder. */
export type Interpreter =
  | Untrusted
  | {
      readonly trusted: true;
      /** Absolute path of the project's root. */
      readonly root: string;
      /** One sentence in plain words: why this one, or why none. */
      readonly summary: string;
      /** Undefined if there is none, or none that is confirmed and works. */
      readonly environment: InterpreterEnvironment | undefined;
    };

/** An environment that can be used. */
export interface PythonEnvironment {
  /** Absolute path of the interpreter. */
  readonly path: string;
  /** Absolute path of the environment's folder. */
  readonly prefix: string;
  readonly name: string;
  /** `X.Y` or `X.Y.Z`; undefined where it cannot be read. */
  readonly version: string | undefined;
  /** Where it was found: `.venv`, `python-envs`, `activated`, `script`, `selected`, `workflow`, `tool`, `system`; more may come. */
  readonly source: string;
}

/** The environment that is selected. */
export interface InterpreterEnvironment extends PythonEnvironment {
  /** Whether it belongs to the project, and is not merely activated. */
  readonly own: boolean;
}

/** Parameters of {@link PythonWorkflowApi.listEnvironments}. */
export interface ListOptions {
  /** Also look for the Pythons of the machine, which may take a second. Default: false. */
  readonly pythons?: boolean;
}

/** The environments that can be selected. */
export type EnvironmentList =
  | Untrusted
  | {
      readonly trusted: true;
      /** Absolute path of the project's root. */
      readonly root: string;
      /** The environments of the project, including broken ones; the default first. */
      readonly environments: readonly ListedEnvironment[];
      /** The Pythons of the machine, the best first; empty unless they were requested. */
      readonly pythons: readonly ListedEnvironment[];
    };

/** An environment, which may be broken. */
export interface ListedEnvironment extends Omit<PythonEnvironment, "path"> {
  /** Absolute path of the interpreter; undefined where it has none. */
  readonly path: string | undefined;
  /** Whether it is the project's default. */
  readonly isDefault: boolean;
  /** Why it cannot be used, as a sentence; undefined when it can. */
  readonly problem: string | undefined;
}

/** The variables of an environment. */
export type EnvironmentVariables =
  | Untrusted
  | {
      readonly trusted: true;
      /** The variables that differ from those of your extension's process, with the whole `PATH`; null for one to remove. */
      readonly variables: Readonly<Record<string, string | null>>;
    };

/** The result of a run in the background. */
export interface BackgroundRun {
  /** Undefined when a signal ended it. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** The options of a task. */
export interface TaskOptions {
  /** Its name. Default: `python`, and the first argument. */
  readonly name?: string;
}

/** The reasons for the selected interpreter. */
export type Explanation =
  | Untrusted
  | {
      readonly trusted: true;
      /** Absolute path of the project's root. */
      readonly root: string;
      /** One sentence in plain words. */
      readonly summary: string;
      /** The workflow that governs, and the rule (`W1` to `W7`) that chose it; undefined where none does. */
      readonly workflow: { readonly name: string; readonly rule: string } | undefined;
      readonly steps: readonly ExplanationStep[];
    };

/**
 * One rule that was tried: it decided (`matched`), found nothing (`passed`), or found something that can't be used
 * (`failed`).
 */
export interface ExplanationStep {
  readonly rule: string;
  readonly outcome: "matched" | "passed" | "failed";
  /** What it found, as a sentence. */
  readonly detail: string;
}

/** The options of a new environment; the workflow and the project decide what is left out. */
export interface CreateOptions {
  /** A bundled workflow's name, such as `uv`. */
  readonly workflow?: string;
  readonly name?: string;
  /** The absolute path of an interpreter, or a release such as `3.13`. */
  readonly python?: string;
  /** Dependency groups to install. */
  readonly groups?: readonly string[];
  /** Extras of the project to install. */
  readonly extras?: readonly string[];
}

/** A file or folder, as in the request, and its present interpreter. */
export interface InterpreterChange {
  readonly uri: Uri;
  readonly interpreter: Interpreter;
}

/** The error with which methods reject; `message` is one sentence. */
export interface PythonWorkflowError extends Error {
  /**
   * `untrusted`: the workspace is not trusted, and this changes something. `cancelled`: by the user or the token.
   * `not_on_disk`: the uri is no file of this machine. `usage`: an argument cannot be used.
   * `no_environment`: there is none to run in. `too_much_output`: it wrote more than is kept. `unavailable`: the helper does
   * not run. Others, such as `already_exists`, say what the workflow could not do; more may come.
   */
  readonly code: string;
  /** What to do about it, as a sentence. */
  readonly hint: string | undefined;
}
