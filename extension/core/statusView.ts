/** What the status bar says about an answer. */
import { asSentence, plainLabel } from "./plain.ts";
import type { Answer, Environment } from "../protocol.ts";

/** A status bar item: its text (with `$(icon)`), its tooltip in plain text, and how it looks. */
export interface StatusView {
  readonly text: string;
  readonly tooltip: string;
  /** Something is not as the user would expect it: drawn as a warning. */
  readonly warning: boolean;
}

const CLICK = "Click to select another interpreter.";

/** The view of an answer. */
export function statusView(answer: Answer): StatusView {
  const { environment } = answer;
  if (environment !== null) {
    return environment.status.state === "ok" && !answer.must_ask
      ? selectedView(answer, environment)
      : unusableView(answer, environment);
  }
  if (answer.must_ask) {
    return view("$(warning) Select interpreter", true, answer.summary, answer.problem);
  }
  // Nothing is offered where nothing went wrong: none is what the user chose.
  if (!answer.offer_create && answer.problem === null) {
    return view("$(circle-slash) No interpreter", false, answer.summary);
  }
  if (answer.system !== null) {
    const label = `$(warning) ${nameAndVersion(answer.system)}`;
    const whose = "This Python is the machine's, not the project's.";
    return view(label, true, answer.summary, answer.problem, whose);
  }
  return view("$(warning) No interpreter", true, answer.summary, answer.problem);
}

/** The view while no Python runs the helper. */
export function helperlessView(reason: string): StatusView {
  return {
    text: "$(warning) Python Workflow",
    tooltip: `${reason}\n\nClick to open the setting.`,
    warning: true,
  };
}

/** An environment's name with its version, as `.venv 3.12.4`; a system Python is called Python. */
export function nameAndVersion(environment: Environment): string {
  const name = environment.source === "system" ? "Python" : environment.name;
  const version = environment.python_version;
  return plainLabel(version === null ? name : `${name} ${version}`);
}

function selectedView(answer: Answer, environment: Environment): StatusView {
  const icon = answer.own ? "$(python)" : "$(warning)";
  const whose = answer.own ? null : "It does not belong to this project.";
  const path = environment.interpreter_path ?? environment.prefix;
  const label = `${icon} ${nameAndVersion(environment)}`;
  return view(label, !answer.own, answer.summary, whose, answer.problem, path);
}

function unusableView(answer: Answer, environment: Environment): StatusView {
  const label = `$(warning) ${nameAndVersion(environment)}`;
  return view(label, true, environment.status.message, answer.summary, answer.problem);
}

function view(text: string, warning: boolean, ...reasons: readonly (string | null)[]): StatusView {
  const said = new Set(
    reasons.flatMap((reason) => (reason === null || reason === "" ? [] : asSentence(reason))),
  );
  return { text, tooltip: [...said, CLICK].join("\n\n"), warning };
}
