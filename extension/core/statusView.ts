/** The status bar item for an answer. */
import * as l10n from "@vscode/l10n";

import type { FileProblem } from "../acts.ts";
import { baseName, type PathDisplay, shortenHome, shortenPaths } from "./paths.ts";
import { asSentence, codeBlock, codeSpan, plainLabel, plainMarkdown } from "./displayText.ts";
import { isOfMachine, isRemote } from "./commandTarget.ts";
import { ruleDescription } from "./explanation.ts";
import type { Answer, Environment } from "../protocol.ts";

/** A status bar item: its text (with `$(icon)`), its tooltip as Markdown (with `$(icon)`), and how it looks. */
export interface StatusView {
  readonly text: string;
  readonly tooltip: string;
  /** Whether it is drawn as a warning. */
  readonly warning: boolean;
  /** The label for screen readers, which cannot read icons: what it is, its state, and why. */
  readonly spoken: string;
}

/** What the status bar shows besides the answer. */
export interface StatusDetails {
  /** Why the environment is out of sync with its lock, where it is: a hint, and no warning. */
  readonly outOfSync?: string | undefined;
  /** The syntax errors of the project's own files. */
  readonly fileProblems?: readonly FileProblem[];
}

/** The commands that the tooltip has buttons for. */
export const TOOLTIP_COMMANDS = ["createEnvironment", "recreateEnvironment", "showFileProblem", "syncEnvironment"].map(
  (name) => `pythonWorkflow.${name}`,
);

/** Return the view of an answer. It is drawn as a warning where something needs its user's attention, and only there. */
export function statusView(answer: Answer, display: PathDisplay, { outOfSync, fileProblems = [] }: StatusDetails = {}): StatusView {
  const { environment, system } = answer;
  const broken = environment !== null && environment.status.state !== "ok";
  const warning = broken || answer.must_ask || answer.problem !== null || fileProblems.length > 0;
  if (environment !== null) {
    const icon = warning ? "$(warning)" : isRemote(environment) ? "$(remote)" : "$(python)";
    const text = `${icon} ${nameAndVersion(environment)}${outOfSync === undefined ? "" : " $(sync)"}`;
    const state = [isRemote(environment) ? l10n.t("remote") : "", warning ? l10n.t("warning") : "", outOfSync === undefined ? "" : l10n.t("out of date")];
    const spoken = spokenOf(nameAndVersion(environment), state, answer, display, fileProblems);
    return { text, warning, spoken, tooltip: tooltip(answer, environment, display, { outOfSync, fileProblems }) };
  }
  // Where nothing is wrong and no environment is offered, the user chose to have none.
  const isChosen = !answer.offer_create && answer.problem === null && !answer.must_ask;
  const shown = isChosen || answer.must_ask ? null : system;
  const text = answer.must_ask
    ? l10n.t("Select interpreter")
    : shown === null
      ? l10n.t("No interpreter")
      : nameAndVersion(shown);
  const isWarning = warning || (shown === null && !isChosen);
  const icon = isWarning ? "$(warning)" : isChosen ? "$(circle-slash)" : "$(python)";
  const spoken = spokenOf(text, [isWarning ? l10n.t("warning") : ""], answer, display, fileProblems);
  return { text: `${icon} ${text}`, warning: isWarning, spoken, tooltip: tooltip(answer, shown, display, { fileProblems }) };
}

function spokenOf(
  shown: string,
  state: readonly string[],
  answer: Answer,
  display: PathDisplay,
  fileProblems: readonly FileProblem[],
): string {
  const words = [shown, ...state].filter((word) => word !== "").join(", ");
  const [first] = fileProblems;
  const reason = answer.problem ?? (first === undefined ? answer.summary : fileSentence(first, display));
  const why = asSentence(shortenPaths(reason, answer.root, display));
  return l10n.t("Python interpreter: {0}. {1}", words, why);
}

/** Return the view while no Python runs the helper. */
export function helperlessView(reason: string): StatusView {
  return {
    text: "$(warning) Python Workflow",
    tooltip: `$(warning) ${plainMarkdown(reason)}\n\n${l10n.t("Click to open the setting.")}`,
    warning: true,
    spoken: `Python Workflow: ${asSentence(reason)}`,
  };
}

/** Return an environment's name with its version, as `.venv 3.12.4`; a system Python is called Python. */
export function nameAndVersion(environment: Environment): string {
  const name = isOfMachine(environment) ? "Python" : environment.name;
  const version = environment.python_version;
  return plainLabel(version === null ? name : `${name} ${version}`);
}

/** Show the interpreter, why it was chosen, each problem with the button that fixes it, and the interpreter's path. */
function tooltip(
  answer: Answer,
  shown: Environment | null,
  display: PathDisplay,
  { outOfSync, fileProblems = [] }: StatusDetails,
): string {
  const plain = (text: string): string => plainMarkdown(asSentence(shortenPaths(text, answer.root, display)));
  const why = plain(answer.summary);
  // A problem of a file is shown once, with the button that opens the file.
  const others = problemsOf(answer, shown).filter((problem) => !fileProblems.some(({ path }) => problem.startsWith(`${path}:`)));
  const problems = new Set(others.map(plain));
  problems.delete(why);
  const output = answer.trouble?.output ?? "";
  const path = shown === null ? null : (shown.interpreter_path ?? shown.prefix);
  return [
    title(shown),
    why,
    ...workflowLine(answer),
    ...(problems.size === 0 && fileProblems.length === 0 ? [] : ["---"]),
    ...[...problems].map((problem) => `$(warning) ${problem}`),
    ...(shown?.status.state === "broken" && !isOfMachine(shown) ? [button(l10n.t("Recreate"), "recreateEnvironment", [{ kind: "row", uri: answer.uri, environment: shown }])] : []),
    ...fileProblems.map((file) => {
      const show = button(l10n.t("Show"), "showFileProblem", [file.path, file.line ?? 0, file.column ?? 0]);
      return `$(warning) ${plainMarkdown(asSentence(shortenPaths(fileSentence(file, display), answer.root, display)))} ${show}`;
    }),
    ...(output === "" ? [] : [codeBlock(lastLines(output))]),
    ...(outOfSync === undefined ? [] : [`$(sync) ${l10n.t("Out of date: {0}", plain(outOfSync))} ${button(l10n.t("Sync Environment"), "syncEnvironment", [{ kind: "row", uri: answer.uri }])}`]),
    "---",
    ...(path === null ? [] : [codeSpan(shortenHome(display.platform, display.home, path))]),
    l10n.t("Click to select another interpreter."),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** Describe what is wrong with a file, and on which line. */
function fileSentence({ line, message, path }: FileProblem, display: PathDisplay): string {
  const file = baseName(display.platform, path);
  return line === null ? l10n.t("{0} can't be read: {1}", file, message) : l10n.t("{0} can't be read, line {1}: {2}", file, line + 1, message);
}

/** Return a Markdown link that runs a command of this extension. */
function button(title: string, command: string, args: readonly unknown[] = []): string {
  const query = args.length === 0 ? "" : `?${encodeURIComponent(JSON.stringify(args))}`;
  return `[${title}](command:pythonWorkflow.${command}${query.replaceAll("(", "%28").replaceAll(")", "%29")})`;
}

/** Return the workflow that governs, and the rule that chose it. */
function workflowLine({ workflow }: Answer): readonly string[] {
  return workflow === null
    ? []
    : [l10n.t("Workflow: {0} ({1})", plainMarkdown(workflow.name), ruleDescription(workflow.rule))];
}

function title(shown: Environment | null): string {
  if (shown === null) {
    return `**${l10n.t("No interpreter")}**`;
  }
  const name = `**${plainMarkdown(isOfMachine(shown) ? "Python" : plainLabel(shown.name))}**`;
  const version = shown.python_version;
  if (version === null) {
    return name;
  }
  return isOfMachine(shown) ? `**Python ${version}**` : `${name} · Python ${plainMarkdown(version)}`;
}

function problemsOf(answer: Answer, shown: Environment | null): readonly string[] {
  const whose =
    shown?.source === "system" && answer.environment === null
      ? [l10n.t("This Python is the machine's, not the project's.")]
      : answer.environment !== null && !answer.own
        ? [l10n.t("It does not belong to this project.")]
        : [];
  const broken = answer.environment?.status.state === "ok" ? "" : (answer.environment?.status.message ?? "");
  return [...whose, broken, answer.problem ?? ""].filter((problem) => problem !== "");
}

const MOST_LINES = 4;

function lastLines(output: string): string {
  return output.trimEnd().split("\n").slice(-MOST_LINES).join("\n");
}
