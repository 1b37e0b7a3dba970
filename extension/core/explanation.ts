/** The trail of an answer as a document, and as lines for the log. */
import * as l10n from "@vscode/l10n";

import { type PathDisplay, shortenHome, shortenPaths } from "./paths.ts";
import { asSentence, codeBlock, codeSpan, plainMarkdown } from "./displayText.ts";
import { notStarted } from "./restricted.ts";
import type { Answer, Environment, ExplainResult, Step } from "../protocol.ts";

/** Return what a rule looks at, in plain words; empty for an unknown rule. */
export function ruleDescription(rule: string): string {
  return ruleDescriptions()[rule] ?? "";
}

function ruleDescriptions(): Readonly<Record<string, string>> {
  return {
    W1: l10n.t("a workflow named for this window, or chosen for this folder"),
    W2: l10n.t("your own rule for this folder"),
    W3: l10n.t("your preferred workflow"),
    W4: l10n.t("the workflow that the project declares"),
    W5: l10n.t("your preferred workflow, where a project declares none"),
    W6: l10n.t("a tool recognized by its files"),
    W7: l10n.t("the built-in fallback"),
    ES: l10n.t("the script's own environment, from its inline metadata"),
    E0: l10n.t("the environment of a workflow named for this window, or chosen for this folder"),
    E1: l10n.t("what you selected before"),
    ED: l10n.t("what `python.defaultInterpreterPath` of the workspace names"),
    E2: l10n.t("the environment that is activated"),
    E3: l10n.t("the default that the governing workflow reports"),
    E4: l10n.t("`.venv` in the project"),
    E5: l10n.t("the last line of `.python-envs`"),
    E6: l10n.t("the environment of a recognized tool"),
    EM: l10n.t("the environment to which `pyworkflow.toml` maps the folder"),
    E7: l10n.t("the only environment in the project"),
    E8: l10n.t("no environment: the Python that a terminal would start"),
  };
}

const MARKS: Readonly<Record<Step["outcome"], string>> = { matched: "✓", passed: "·", failed: "✗" };

/** Return the questions that a trail answers, and the rules that belong to each. */
function questions(): readonly (readonly [title: string, rule: RegExp])[] {
  return [
    [l10n.t("Which folder is the project root?"), /^(?!W\d|E[SDM\d])/],
    [l10n.t("Which workflow governs it?"), /^W\d/],
    [l10n.t("Which environment is its default?"), /^E[SDM\d]/],
  ];
}

/** Escape a text of the trail for Markdown, with short paths. */
type Escape = (text: string) => string;

/**
 * Return a Markdown document that names the interpreter and lists the rules that were tried, in order.
 *
 * @param answer the answer that is shown now, for its summary
 */
export function trailDocument(
  explained: ExplainResult,
  answer: Answer | undefined,
  display: PathDisplay,
): string {
  const plain: Escape = (text) => plainMarkdown(shortenPaths(text, "", display));
  const path: Escape = (text) => codeSpan(shortenHome(display.platform, display.home, text));
  const lines = [
    `# ${l10n.t("Why this interpreter?")}`,
    "",
    ...headline(explained, answer, plain),
    "",
    `- ${l10n.t("Project root: {0}", path(explained.root))}`,
    ...environmentFacts(explained.environment, path, plain),
    ...workflowFacts(explained, path),
    ...(explained.provisional
      ? [`- ${l10n.t("This was read from files. The workflow has not confirmed it yet.")}`]
      : []),
    "",
    l10n.t("The rules that were tried, in order: ✓ decided, · found nothing, ✗ found something that can't be used."),
    ...questions().flatMap(([title, rule]) => section(title, rule, explained.trail, plain)),
  ];
  return `${lines.join("\n")}\n`;
}

/** Return a document that says why there is no trail. */
export function noTrailDocument(reason: string): string {
  return [`# ${l10n.t("Why this interpreter?")}`, "", plainMarkdown(asSentence(reason)), ""].join("\n");
}

/** Return the trail as plain lines. */
export function trailLines(trail: readonly Step[]): readonly string[] {
  return trail.map((step) => `${step.rule} ${step.outcome}: ${step.detail}`);
}

/** Return one line that says what was selected for a folder, for the log. */
export function answerLine(answer: Answer): string {
  const { environment } = answer;
  const what =
    environment === null
      ? "no environment"
      : `${environment.name} (${environment.python_version ?? "unknown version"}) at ${environment.prefix}`;
  // For a broken environment the problem and the summary are the same sentence.
  const problem = answer.problem === null || answer.problem === answer.summary ? "" : ` ${asSentence(answer.problem)}`;
  const certain = answer.provisional ? ", provisionally" : "";
  return `${answer.root}: ${what}${certain}. ${asSentence(answer.summary)}${problem}`.trimEnd();
}

function headline(
  explained: ExplainResult,
  answer: Answer | undefined,
  plain: Escape,
): readonly string[] {
  const sentence = (text: string): string => plain(asSentence(text));
  const summary = answer === undefined || answer.summary === "" ? [] : [sentence(answer.summary)];
  const problem = answer?.problem ?? null;
  const output = answer?.trouble?.output ?? "";
  const warning = [
    ...(problem === null || problem === answer?.summary ? [] : ["", `**${sentence(problem)}**`]),
    ...(output === "" ? [] : ["", codeBlock(output)]),
  ];
  if (explained.environment === null) {
    return [l10n.t("**No environment** is selected here."), "", ...summary, ...warning];
  }
  const { name, python_version: version } = explained.environment;
  const title = `**${plainMarkdown(name)}**${version === null ? "" : `, Python ${version}`}`;
  return [title, "", ...summary, ...warning];
}

function environmentFacts(
  environment: Environment | null,
  path: Escape,
  plain: Escape,
): readonly string[] {
  if (environment === null) {
    return [];
  }
  const { interpreter_path: interpreter, prefix, status } = environment;
  return [
    ...(interpreter === null ? [] : [`- ${l10n.t("Interpreter: {0}", path(interpreter))}`]),
    `- ${l10n.t("Environment: {0}", path(prefix))}`,
    ...(status.state === "ok" ? [] : [`- ${l10n.t("It is {0}: {1}", status.state, plain(status.message))}`]),
  ];
}

function workflowFacts(explained: ExplainResult, path: Escape): readonly string[] {
  const { workflow } = explained;
  if (workflow === null) {
    return [`- ${l10n.t("Workflow: none")}`];
  }
  const name = plainMarkdown(workflow.name);
  const facts = [
    workflow.declared_in === null
      ? l10n.t("Workflow: {0} (rule {1})", name, workflow.rule)
      : l10n.t("Workflow: {0} (rule {1}), declared in {2}", name, workflow.rule, path(workflow.declared_in)),
    ...(workflow.launch === null || workflow.trusted
      ? []
      : [notStarted()]),
  ];
  return [`- ${facts.join("; ")}`];
}

function section(
  title: string,
  rule: RegExp,
  trail: readonly Step[],
  plain: Escape,
): readonly string[] {
  const steps = trail.filter((step) => rule.test(step.rule));
  return steps.length === 0 ? [] : ["", `## ${title}`, "", ...steps.map((step) => stepLine(step, plain))];
}

function stepLine(step: Step, plain: Escape): string {
  const looksAt = ruleDescription(step.rule);
  const rule = looksAt === "" ? "" : `${step.rule}, ${looksAt}: `;
  return `- ${MARKS[step.outcome]} ${rule}${plain(step.detail)}`.trimEnd();
}
