/** A query to a helper process that is started for it alone: its arguments, and its result. */
import { type Decoder, flag, orNull, record, text, WireError, withDefault } from "./decode.ts";
import { type Answer, type Context, environmentFromWire } from "../protocol.ts";

/** The end of a process. */
export type Finished =
  | {
      readonly kind: "ended";
      /** The exit code; null when a signal ended it. */
      readonly code: number | null;
      readonly stdout: string;
      readonly stderr: string;
    }
  | { readonly kind: "not-started"; readonly reason: string }
  | { readonly kind: "stopped"; readonly reason: string };

/** The folder that is asked about: its uri, and its absolute path. */
export interface AskedFolder {
  readonly uri: string;
  readonly path: string;
}

/** The exit status of a helper whose Python is too old. */
const TOO_OLD = 69;
/** The exit statuses of a helper that ran: found, failed, nothing found. */
const ANSWERED: ReadonlySet<number | null> = new Set([0, 1, 3]);
/** The code of the failure in which the user has to choose. */
const MUST_ASK = "last_line_unusable";

/** An answer, a helper that failed, a Python that did not respond, or one that cannot run the helper. */
export type OneShotResult =
  | { readonly kind: "answer"; readonly answer: Answer }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "unresponsive"; readonly reason: string }
  | { readonly kind: "unsuitable"; readonly reason: string };

type Printed = Pick<Answer, "root" | "environment" | "own" | "provisional" | "summary">;

/** The output of `env default --json`: the environment, or a summary of why there is none. */
const printed: Decoder<Printed> = record<Printed>({
  root: text,
  environment: orNull(environmentFromWire),
  own: flag,
  // True where a workflow's server has to be asked, which only the language server does.
  provisional: flag,
  summary: withDefault(text, ""),
});

interface FailureDocument {
  readonly error: { readonly code: string; readonly message: string; readonly hint: string | null };
}

const failure: Decoder<FailureDocument> = record<FailureDocument>({
  error: record<FailureDocument["error"]>({ code: text, message: text, hint: orNull(text) }),
});

/** Return the helper's arguments for the query. */
export function oneShotArguments({ path, uri }: AskedFolder, context: Context): readonly string[] {
  const { trusted, preference, interpreters } = context;
  const interpreter = trusted ? interpreters.folders[uri] : undefined;
  return [
    ...["env", "default", "--static", "--json", "--no-input", "--editor"],
    ...(trusted ? ["--trusted"] : []),
    ...(preference === null ? [] : ["--preference", JSON.stringify(preference)]),
    ...(interpreter === undefined ? [] : ["--default-interpreter", interpreter]),
    ...["--folder", path],
  ];
}

/** Read the result of the process. */
export function readOneShot(
  finished: Finished,
  folder: AskedFolder,
): OneShotResult {
  if (finished.kind !== "ended") {
    const kind = finished.kind === "stopped" ? "unresponsive" : "unsuitable";
    return { kind, reason: finished.reason };
  }
  const { code, stdout, stderr } = finished;
  if (code === TOO_OLD || !ANSWERED.has(code)) {
    const why = stderr.trim().split("\n").at(-1) ?? "";
    return { kind: "unsuitable", reason: why === "" ? `it ended with ${code ?? "a signal"}` : why };
  }
  try {
    const value: unknown = JSON.parse(stdout);
    if (code === 1) {
      return failed(failure(value, "output"), folder);
    }
    return { kind: "answer", answer: { ...UNKNOWN, ...printed(value, "output"), uri: folder.uri } };
  } catch (error) {
    if (error instanceof WireError || error instanceof SyntaxError) {
      const reason = stderr.trim() === "" ? error.message : stderr.trim();
      // Exit status 1 without JSON: the interpreter itself failed.
      return { kind: code === 1 ? "unsuitable" : "failed", reason };
    }
    throw error;
  }
}

function failed(found: FailureDocument, folder: AskedFolder): OneShotResult {
  const { code, message, hint } = found.error;
  if (code !== MUST_ASK) {
    return { kind: "failed", reason: hint === null ? message : `${message} ${hint}` };
  }
  const answer = { ...UNKNOWN, uri: folder.uri, root: folder.path, environment: null };
  return { kind: "answer", answer: { ...answer, summary: message, problem: message, must_ask: true } };
}

/** The values of what only the server knows: the workflow that governs and confirms, and the other Pythons of the machine. */
const UNKNOWN = {
  workflow: null,
  provisional: true,
  own: false,
  problem: null,
  trouble: null,
  must_ask: false,
  offer_create: false,
  system: null,
} as const;
