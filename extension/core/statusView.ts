/** What the status bar says about an answer. */
import * as l10n from "@vscode/l10n";

import { type PathDisplay, shortenHome, shortenPaths } from "./paths.ts";
import { asSentence, codeBlock, codeSpan, plainLabel, plainMarkdown } from "./plain.ts";
import { isOfMachine } from "./subject.ts";
import { ruleWord } from "./trail.ts";
import type { Answer, Environment } from "../protocol.ts";

/** A status bar item: its text (with `$(icon)`), its tooltip as Markdown (with `$(icon)`), and how it looks. */
export interface StatusView {
  readonly text: string;
  readonly tooltip: string;
  /** Something is not as the user would expect it: drawn as a warning. */
  readonly warning: boolean;
  /** What screen readers say in place of the text, whose icons they cannot read: what it is, its state, and why. */
  readonly spoken: string;
}

/**
 * The view of an answer.
 *
 * @param behind what the environment lacks to be in sync with its lock, where it fell behind: a hint, and no warning
 */
export function statusView(answer: Answer, display: PathDisplay, behind?: string): StatusView {
  const { environment, system } = answer;
  if (environment !== null) {
    const warning = environment.status.state !== "ok" || answer.must_ask || !answer.own || answer.problem !== null;
    const icon = warning ? "$(warning)" : "$(python)";
    const text = `${icon} ${nameAndVersion(environment)}${behind === undefined ? "" : " $(sync)"}`;
    const state = [warning ? l10n.t("warning") : "", behind === undefined ? "" : l10n.t("out of date")];
    const spoken = spokenOf(nameAndVersion(environment), state, answer, display);
    return { text, warning, spoken, tooltip: tooltip(answer, environment, display, behind) };
  }
  if (answer.must_ask) {
    const text = l10n.t("Select interpreter");
    const spoken = spokenOf(text, [l10n.t("warning")], answer, display);
    return { text: `$(warning) ${text}`, warning: true, spoken, tooltip: tooltip(answer, null, display) };
  }
  // Nothing is offered where nothing went wrong: none is what the user chose.
  const chosen = !answer.offer_create && answer.problem === null;
  if (chosen || system === null) {
    const icon = chosen ? "$(circle-slash)" : "$(warning)";
    const text = l10n.t("No interpreter");
    const spoken = spokenOf(text, [chosen ? "" : l10n.t("warning")], answer, display);
    return { text: `${icon} ${text}`, warning: !chosen, spoken, tooltip: tooltip(answer, null, display) };
  }
  const text = nameAndVersion(system);
  const spoken = spokenOf(text, [l10n.t("warning")], answer, display);
  return { text: `$(warning) ${text}`, warning: true, spoken, tooltip: tooltip(answer, system, display) };
}

function spokenOf(shown: string, state: readonly string[], answer: Answer, display: PathDisplay): string {
  const words = [shown, ...state].filter((word) => word !== "").join(", ");
  const why = asSentence(shortenPaths(answer.problem ?? answer.summary, answer.root, display));
  return l10n.t("Python interpreter: {0}. {1}", words, why);
}

/** The view while no Python runs the helper. */
export function helperlessView(reason: string): StatusView {
  return {
    text: "$(warning) Python Workflow",
    tooltip: `$(warning) ${plainMarkdown(reason)}\n\n${l10n.t("Click to open the setting.")}`,
    warning: true,
    spoken: `Python Workflow: ${asSentence(reason)}`,
  };
}

/** An environment's name with its version, as `.venv 3.12.4`; a system Python is called Python. */
export function nameAndVersion(environment: Environment): string {
  const name = isOfMachine(environment) ? "Python" : environment.name;
  const version = environment.python_version;
  return plainLabel(version === null ? name : `${name} ${version}`);
}

/** What is shown, why, what is wrong and what mends it, and where the interpreter is. */
function tooltip(
  answer: Answer,
  shown: Environment | null,
  display: PathDisplay,
  behind?: string,
): string {
  const plain = (text: string): string => plainMarkdown(asSentence(shortenPaths(text, answer.root, display)));
  const why = plain(answer.summary);
  const problems = new Set(problemsOf(answer, shown).map(plain));
  problems.delete(why);
  const output = answer.trouble?.output ?? "";
  const path = shown === null ? null : (shown.interpreter_path ?? shown.prefix);
  return [
    title(shown),
    why,
    ...workflowLine(answer),
    ...(problems.size === 0 ? [] : ["---"]),
    ...[...problems].map((problem) => `$(warning) ${problem}`),
    ...(output === "" ? [] : [codeBlock(lastLines(output))]),
    ...(behind === undefined ? [] : [`$(sync) ${l10n.t('Out of date: {0} "Python Workflow: Sync Environment" updates it.', plain(behind))}`]),
    "---",
    ...(path === null ? [] : [codeSpan(shortenHome(display.platform, display.home, path))]),
    l10n.t("Click to select another interpreter."),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** Which workflow governs, and whose word that is. */
function workflowLine({ workflow }: Answer): readonly string[] {
  return workflow === null
    ? []
    : [l10n.t("Workflow: {0} ({1})", plainMarkdown(workflow.name), ruleWord(workflow.rule))];
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
