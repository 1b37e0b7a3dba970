/** What this extension offers to others: `extensions.getExtension(...).activate()` gives a {@link PythonWorkflowApi}. */
import type { Event, Uri } from "vscode";

/** The interpreter of a file or folder. */
export type Interpreter =
  /** The workspace is not trusted: nothing of it may be run, so no path is given. */
  | { readonly trusted: false }
  | {
      readonly trusted: true;
      /** Absolute path of the project root. */
      readonly root: string;
      /** One sentence in plain words: why this one, or why none. */
      readonly summary: string;
      /** Undefined when there is none, or none that is confirmed yet. */
      readonly environment: InterpreterEnvironment | undefined;
    };

/** An environment that can be used. */
export interface InterpreterEnvironment {
  /** Absolute path of the interpreter. */
  readonly path: string;
  /** Absolute path of the environment's folder. */
  readonly prefix: string;
  readonly name: string;
  /** `X.Y` or `X.Y.Z`; undefined where it cannot be read. */
  readonly version: string | undefined;
  /** Where it was found: `.venv`, `python-envs`, `activated`, `selected`, `workflow`, `tool`. */
  readonly source: string;
  /** Whether it belongs to the project, and is not merely activated. */
  readonly own: boolean;
}

/** A file or folder, as it was asked about, and its interpreter now. */
export interface InterpreterChange {
  readonly uri: Uri;
  readonly interpreter: Interpreter;
}

/** The exported API. */
export interface PythonWorkflowApi {
  /**
   * The interpreter of a file or folder. Waits for the helper where it has not answered yet.
   *
   * Rejects with an Error whose message says why when the helper cannot answer.
   */
  readonly getInterpreter: (uri: Uri) => Promise<Interpreter>;
  /** Fires when the interpreter of a workspace folder, or of what was asked about, is another one. */
  readonly onDidChangeInterpreter: Event<InterpreterChange>;
}
