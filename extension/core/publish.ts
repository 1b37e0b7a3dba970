/** What other extensions are told of an answer. */
import type { Interpreter } from "../api.ts";
import type { Answer } from "../protocol.ts";

/**
 * The interpreter to hand out: without a path in an untrusted workspace, and without
 * an environment where it is provisional or cannot be used.
 */
export function published(answer: Answer, trusted: boolean): Interpreter {
  if (!trusted) {
    return { trusted: false };
  }
  const { environment, root, summary } = answer;
  const path = environment?.interpreter_path ?? null;
  if (environment === null || path === null || answer.provisional || environment.status.state !== "ok") {
    return { trusted: true, root, summary, environment: undefined };
  }
  return {
    trusted: true,
    root,
    summary,
    environment: {
      path,
      prefix: environment.prefix,
      name: environment.name,
      version: environment.python_version ?? undefined,
      source: environment.source,
      own: answer.own,
    },
  };
}
