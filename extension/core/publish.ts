/** Turns answers, lists of environments and failures into the values of the public API. */
import type {
  EnvironmentList,
  Explanation,
  Interpreter,
  ListedEnvironment,
  PythonEnvironment,
  PythonWorkflowError,
} from "../api.ts";
import type { Answer, Environment, EnvironmentsResult, ExplainResult } from "../protocol.ts";
import { Cancelled, HelperError } from "./client.ts";
import { asSentence } from "./displayText.ts";

/** Return the environment of an answer if it can be used and is not provisional. */
export function confirmed({ environment, provisional }: Answer): Environment | undefined {
  const works = environment?.status.state === "ok" && environment.interpreter_path !== null;
  return works && !provisional ? environment : undefined;
}

/**
 * Return the interpreter for other extensions: without a path in an untrusted workspace, and without an environment
 * where it is provisional or cannot be used.
 */
export function published(answer: Answer, trusted: boolean): Interpreter {
  if (!trusted) {
    return { trusted: false };
  }
  const { own, root, summary } = answer;
  const environment = confirmed(answer);
  const usable = environment === undefined ? undefined : publishedEnvironment(environment);
  return {
    trusted: true,
    root,
    summary,
    environment: usable === undefined ? undefined : { ...usable, own },
  };
}

/** Return an environment for other extensions; undefined for one that cannot be used. */
export function publishedEnvironment(environment: Environment): PythonEnvironment | undefined {
  const { interpreter_path: path, status } = environment;
  return path === null || status.state !== "ok" ? undefined : { path, ...known(environment) };
}

/** Return the list for other extensions, with the broken environments and their problems. */
export function publishedList({ environments, pythons, root }: EnvironmentsResult): EnvironmentList {
  return {
    trusted: true,
    root,
    environments: environments.map(listed),
    pythons: pythons.map(listed),
  };
}

/** Return the trail for other extensions. */
export function publishedExplanation(explained: ExplainResult, { summary }: Answer): Explanation {
  const { root, trail, workflow } = explained;
  return {
    trusted: true,
    root,
    summary,
    workflow: workflow === null ? undefined : { name: workflow.name, rule: workflow.rule },
    steps: trail.map(({ detail, outcome, rule }) => ({ rule, outcome, detail })),
  };
}

/** An error with a code: see {@link PythonWorkflowError}. */
export class ApiError extends Error implements PythonWorkflowError {
  override readonly name = "PythonWorkflowError";
  readonly code: string;
  readonly hint: string | undefined;

  constructor(code: string, message: string, hint?: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

/** Turn a failure into an error for other extensions, which always has a code. */
export function publishedError(error: unknown): ApiError {
  if (error instanceof ApiError) {
    return error;
  }
  if (error instanceof Cancelled) {
    return new ApiError("cancelled", "It was cancelled.");
  }
  if (error instanceof HelperError) {
    return new ApiError(error.code, asSentence(error.message), error.hint ?? undefined);
  }
  return new ApiError("unavailable", asSentence(error instanceof Error ? error.message : String(error)));
}

function listed(environment: Environment): ListedEnvironment {
  const { default: isDefault, interpreter_path: path, status } = environment;
  const broken = path === null && status.state === "ok" ? "It has no interpreter." : asSentence(status.message);
  return {
    ...known(environment),
    path: path ?? undefined,
    isDefault,
    problem: path !== null && status.state === "ok" ? undefined : broken,
  };
}

function known({ name, prefix, python_version: version, source }: Environment): Omit<PythonEnvironment, "path"> {
  return { prefix, name, version: version ?? undefined, source };
}
