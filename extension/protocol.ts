/**
 * The queries to the helper: JSON-RPC methods, the shapes of their parameters and results, and decoders for everything
 * that the helper sends. Actions are in `acts.ts`.
 *
 * `docs/editor-protocol.schema.json` is generated from these types, and tests compare the helper's answers with it.
 * Members are named as on the wire, hence in snake case.
 */
import {
  type Decoder,
  flag,
  isTable,
  list,
  oneOf,
  orNull,
  record,
  sentence,
  table,
  text,
} from "./core/decode.ts";

/** Where an environment was found. */
export type Source =
  | ".venv"
  | "python-envs"
  | "activated"
  | "script"
  | "selected"
  | "settings"
  | "workflow"
  | "mapping"
  | "tool"
  | "elsewhere"
  | "system";

/** Whether an environment can be used; `message` says what is wrong and how to fix it. */
export interface Status {
  readonly state: "ok" | "broken" | "unsupported";
  readonly message: string;
}

/** A Python environment, or (source `system`) an interpreter of the machine. */
export interface Environment {
  readonly id: string;
  readonly name: string;
  /** `venv`, `conda`, `system`, ... */
  readonly kind: string;
  /** Absolute path of the environment's folder. */
  readonly prefix: string;
  /** Absolute path of its interpreter; null where it has none. */
  readonly interpreter_path: string | null;
  /** `X.Y` or `X.Y.Z`; null where it cannot be read. */
  readonly python_version: string | null;
  readonly default: boolean;
  readonly source: Source;
  readonly status: Status;
}

/** The workflow that governs a folder, and the rule (`W1` to `W7`) that chose it. */
export interface Workflow {
  readonly name: string;
  readonly rule: string;
  /** Absolute path of the file that declares it; null where none does. */
  readonly declared_in: string | null;
  readonly launch: Readonly<Record<string, unknown>> | null;
  readonly trusted: boolean;
}

/** One rule that was tried: `matched`, `passed` (it found nothing) or `failed` (it found something unusable). */
export interface Step {
  readonly rule: string;
  readonly outcome: "matched" | "passed" | "failed";
  readonly detail: string;
}

/** The failure of a workflow that was asked. */
export interface Trouble {
  /** The workflow's name. */
  readonly workflow: string;
  /** One sentence that names it. */
  readonly message: string;
  /** The last that its server wrote to its standard error; may be empty. */
  readonly output: string;
}

/** The answer for a file or folder. */
export interface Answer {
  /** As in the request. */
  readonly uri: string;
  /** Absolute path of the project root. */
  readonly root: string;
  readonly workflow: Workflow | null;
  readonly environment: Environment | null;
  /** Read from files, and not yet confirmed by the workflow that governs. */
  readonly provisional: boolean;
  /** The environment belongs to the project; false when there is none. */
  readonly own: boolean;
  /** One sentence in plain words: why this environment. */
  readonly summary: string;
  /** One sentence about something that was passed over, or null. */
  readonly problem: string | null;
  /** The workflow's failure, if that is the problem; else null. */
  readonly trouble: Trouble | null;
  /** The last line of `.python-envs` cannot be used: the user has to choose. */
  readonly must_ask: boolean;
  /** No environment was found, and the user did not select "none". */
  readonly offer_create: boolean;
  /** The Python that a terminal would start; only set where there is no environment. */
  readonly system: Environment | null;
}

/** Whether the user's preferred workflow overrides a project's declaration. */
export type Policy = "override" | "default";

/** The user's own setting, for the rules W3 and W5. */
export interface Preference {
  /** A bundled name, a path, or the table of a declaration. */
  readonly workflow: string | Readonly<Record<string, unknown>>;
  readonly policy: Policy;
}

/** The values of `python.defaultInterpreterPath`, as written. */
export interface DefaultInterpreters {
  /** In the user's own settings, or those of the machine. */
  readonly user: string | null;
  /** In a workspace's or a folder's settings, by the URI of the open folder. */
  readonly folders: Readonly<Record<string, string>>;
}

/** The values that every answer depends on besides the files. */
export interface Context {
  /** Workspace Trust. */
  readonly trusted: boolean;
  readonly preference: Preference | null;
  readonly interpreters: DefaultInterpreters;
  /** The values of `python.envFile`, as written, by the URI of the open folder; without one the project's `.env` is used. */
  readonly env_files: Readonly<Record<string, string>>;
}

/** The token under which a request reports progress, or parts of its result, as in LSP. */
export type ProgressToken = string | number;

/** A request: its method, and the decoder of its result. */
export interface RequestType<P, R> {
  readonly method: string;
  readonly result: Decoder<R>;
  /** Never set; it carries the type of the parameters. */
  readonly params?: P;
}

/** A notification; `params` is never set and carries the type of the parameters. */
export interface NotificationType<P> {
  readonly method: string;
  readonly params?: P;
}

/** All environments of a root, the default first, and the machine's Pythons. */
export interface EnvironmentsResult {
  readonly root: string;
  readonly environments: readonly Environment[];
  readonly pythons: readonly Environment[];
}

/** The environments of the machine that nothing in a folder names, by name. */
export interface ElsewhereResult {
  readonly root: string;
  readonly environments: readonly Environment[];
}

/** The Pythons of the machine, the best first. */
export interface PythonsResult {
  readonly pythons: readonly Environment[];
}

/** The whole trail of an answer. */
export interface ExplainResult {
  readonly root: string;
  readonly workflow: Workflow | null;
  readonly environment: Environment | null;
  readonly provisional: boolean;
  readonly trail: readonly Step[];
}

/** Reads an environment. */
export const environmentFromWire: Decoder<Environment> = record<Environment>({
  id: text,
  name: text,
  kind: text,
  prefix: text,
  interpreter_path: orNull(text),
  python_version: orNull(text),
  default: flag,
  source: oneOf("script", "selected", "settings", ".venv", "python-envs", "workflow", "mapping", "tool", "activated", "elsewhere", "system"),
  status: record<Status>({ state: oneOf("ok", "broken", "unsupported"), message: sentence }),
});

/** Reads a workflow. */
export const workflowFromWire: Decoder<Workflow> = record<Workflow>({
  name: text,
  rule: text,
  declared_in: orNull(text),
  launch: orNull(table),
  trusted: flag,
});

/** Reads an answer. */
export const answerFromWire: Decoder<Answer> = record<Answer>({
  uri: text,
  root: text,
  workflow: orNull(workflowFromWire),
  environment: orNull(environmentFromWire),
  provisional: flag,
  own: flag,
  summary: sentence,
  problem: orNull(sentence),
  trouble: orNull(record<Trouble>({ workflow: text, message: sentence, output: text })),
  must_ask: flag,
  offer_create: flag,
  system: orNull(environmentFromWire),
});

const answers = record<{ answers: readonly Answer[] }>({ answers: list(answerFromWire) });

/** Read what `pythonWorkflow/didChangeInterpreter` carries. */
export const changedAnswersFromWire: Decoder<readonly Answer[]> = (value, at) =>
  answers(value, at).answers;

/** Returns the answers for files and folders. */
export const Resolve: RequestType<
  { readonly uris: readonly string[] },
  { readonly answers: readonly Answer[] }
> = { method: "pythonWorkflow/resolve", result: answers };

/**
 * Returns what can be selected for a file or folder; `pythons: false` leaves out the machine's Pythons, which are then
 * not searched for.
 */
export const Environments: RequestType<
  { readonly uri: string; readonly pythons?: boolean },
  EnvironmentsResult
> = {
  method: "pythonWorkflow/environments",
  result: record<EnvironmentsResult>({
    root: text,
    environments: list(environmentFromWire),
    pythons: list(environmentFromWire),
  }),
};

/** Returns the other environments of the machine; `folders` are searched besides the usual ones. */
export const Elsewhere: RequestType<
  { readonly uri: string; readonly folders: readonly string[] },
  ElsewhereResult
> = {
  method: "pythonWorkflow/elsewhere",
  result: record<ElsewhereResult>({ root: text, environments: list(environmentFromWire) }),
};

/** The Pythons of the machine. */
export const Pythons: RequestType<Readonly<Record<string, never>>, PythonsResult> = {
  method: "pythonWorkflow/pythons",
  result: record<PythonsResult>({ pythons: list(environmentFromWire) }),
};

/** Returns the trail of an answer. */
export const Explain: RequestType<{ readonly uri: string }, ExplainResult> = {
  method: "pythonWorkflow/explain",
  result: record<ExplainResult>({
    root: text,
    workflow: orNull(workflowFromWire),
    environment: orNull(environmentFromWire),
    provisional: flag,
    trail: list(
      record<Step>({ rule: text, outcome: oneOf("matched", "passed", "failed"), detail: text }),
    ),
  }),
};

/** Remembers a selection: the absolute path of an environment or interpreter, or `none`. */
export const Select: RequestType<{ readonly uri: string; readonly selection: string }, Answer> = {
  method: "pythonWorkflow/select",
  result: answerFromWire,
};

/** Forgets the selection. */
export const Forget: RequestType<{ readonly uri: string }, Answer> = {
  method: "pythonWorkflow/forget",
  result: answerFromWire,
};

/** The workflows that can be chosen for a root, and the chosen one. */
export interface WorkflowsResult {
  readonly root: string;
  /** The workflows that come with the helper, by name. */
  readonly workflows: readonly string[];
  /** The one that was chosen: a name, a path, or null. */
  readonly chosen: string | null;
  /** Whether an environment or "none" is selected, which choosing a workflow forgets. */
  readonly selected: boolean;
}

/** Returns the workflows that can be chosen for a file or folder, and the chosen one. */
export const Workflows: RequestType<{ readonly uri: string }, WorkflowsResult> = {
  method: "pythonWorkflow/workflows",
  result: record<WorkflowsResult>({
    root: text,
    workflows: list(text),
    chosen: orNull(text),
    selected: flag,
  }),
};

/** Remembers a workflow, the name of a bundled one or the absolute path of a script, or forgets it. */
export const ChooseWorkflow: RequestType<
  { readonly uri: string; readonly workflow: string | null },
  Answer
> = { method: "pythonWorkflow/chooseWorkflow", result: answerFromWire };

/** The Python that runs the helper, and the workflows' tools that it finds on PATH. */
export interface AboutResult {
  readonly version: string;
  /** Its implementation and version. */
  readonly python: string;
  /** Absolute path of the interpreter. */
  readonly executable: string;
  readonly platform: string;
  readonly tools: readonly Tool[];
}

/** A workflow's tool. */
export interface Tool {
  readonly name: string;
  /** Absolute path. */
  readonly program: string;
  /** Null where it cannot be read without starting the tool. */
  readonly version: string | null;
}

/** Returns facts about the helper for bug reports. */
export const About: RequestType<Readonly<Record<string, never>>, AboutResult> = {
  method: "pythonWorkflow/about",
  result: record<AboutResult>({
    version: text,
    python: text,
    executable: text,
    platform: text,
    tools: list(record<Tool>({ name: text, program: text, version: orNull(text) })),
  }),
};

/** Notifies the helper that trust or a setting changed: it resolves everything again. */
export const DidChangeContext: NotificationType<Context> = {
  method: "pythonWorkflow/didChangeContext",
};

/** Notifies the helper that the window got the focus: it looks again at the files that answers depend on. */
export const DidFocus: NotificationType<Readonly<Record<string, never>>> = {
  method: "pythonWorkflow/didFocus",
};

/** Notifies the extension of answers that changed; read by {@link changedAnswersFromWire}. */
export const DidChangeInterpreter: NotificationType<{ readonly answers: readonly Answer[] }> = {
  method: "pythonWorkflow/didChangeInterpreter",
};

/** The data of an error of the helper. */
export interface ErrorData {
  readonly code: string;
  readonly hint: string | null;
  /** The failure in one sentence. */
  readonly summary?: string;
  /** The program that is not installed. */
  readonly tool?: string;
  /** The release of Python that is not installed. */
  readonly python?: string;
}

/** Read an error's `data`; an error of JSON-RPC itself has none. */
export function errorDataFromWire(value: unknown): ErrorData | null {
  if (!isTable(value) || typeof value["code"] !== "string") {
    return null;
  }
  const optionalText = (name: "summary" | "tool" | "python"): Partial<Record<typeof name, string>> => {
    const text = value[name];
    return typeof text === "string" ? { [name]: text } : {};
  };
  const hint = typeof value["hint"] === "string" ? value["hint"] : null;
  return { code: value["code"], hint, ...optionalText("summary"), ...optionalText("tool"), ...optionalText("python") };
}
