/** The trail of an answer as a document, and as lines for the log. */
import { type PathDisplay, shortenHome, shortenPaths } from "./paths.ts";
import { asSentence, codeBlock, codeSpan, plainMarkdown } from "./plain.ts";
import type { Answer, Environment, ExplainResult, Step } from "../protocol.ts";

/** What each rule looks at, in plain words. */
const RULES: Readonly<Record<string, string>> = {
  W1: "a workflow named for this window, or chosen for this folder",
  W2: "your own rule for this folder",
  W3: "your preferred workflow",
  W4: "the workflow that the project declares",
  W5: "your preferred workflow, where a project declares none",
  W6: "a tool recognised by its files",
  W7: "the built-in fallback",
  E0: "the environment of a workflow named for this window, or chosen for this folder",
  E1: "what you selected before",
  E2: "the environment that is activated",
  E3: "what the governing workflow says",
  E4: "`.venv` in the project",
  E5: "the last line of `.python-envs`",
  E6: "the environment of a recognised tool",
  E7: "none: the machine's best Python meanwhile",
};

const MARKS: Readonly<Record<Step["outcome"], string>> = { matched: "✓", passed: "·", failed: "✗" };

/** The questions that a trail answers, and the rules that belong to each. */
const QUESTIONS: readonly (readonly [title: string, rule: RegExp])[] = [
  ["Which folder is the project root?", /^(?![WE]\d)/],
  ["Which workflow governs it?", /^W\d/],
  ["Which environment is its default?", /^E\d/],
];

/** Makes a text of the trail one that Markdown shows as it is, with short paths. */
type Plain = (text: string) => string;

/**
 * A Markdown document that says which interpreter, and what was tried in order.
 *
 * @param answer what is shown now, for its words
 */
export function trailDocument(
  explained: ExplainResult,
  answer: Answer | undefined,
  display: PathDisplay,
): string {
  const plain: Plain = (text) => plainMarkdown(shortenPaths(text, "", display));
  const path: Plain = (text) => codeSpan(shortenHome(display.platform, display.home, text));
  const lines = [
    "# Why this interpreter?",
    "",
    ...headline(explained, answer, plain),
    "",
    `- Project root: ${path(explained.root)}`,
    ...environmentFacts(explained.environment, path, plain),
    ...workflowFacts(explained, path),
    ...(explained.provisional
      ? ["- This was read from files; the workflow has not confirmed it yet."]
      : []),
    "",
    "Below is what was tried, in order: ✓ decided, · had nothing, ✗ cannot be used.",
    ...QUESTIONS.flatMap(([title, rule]) => section(title, rule, explained.trail, plain)),
  ];
  return `${lines.join("\n")}\n`;
}

/** A document for when the trail cannot be had. */
export function noTrailDocument(reason: string): string {
  return ["# Why this interpreter?", "", plainMarkdown(asSentence(reason)), ""].join("\n");
}

/** The trail as plain lines. */
export function trailLines(trail: readonly Step[]): readonly string[] {
  return trail.map((step) => `${step.rule} ${step.outcome}: ${step.detail}`);
}

/** One line that says what was selected for a folder, for the log. */
export function answerLine(answer: Answer): string {
  const { environment } = answer;
  const what =
    environment === null
      ? "no environment"
      : `${environment.name} (${environment.python_version ?? "unknown version"}) at ${environment.prefix}`;
  const problem = answer.problem === null ? "" : ` ${asSentence(answer.problem)}`;
  const certain = answer.provisional ? ", provisionally" : "";
  return `${answer.root}: ${what}${certain}. ${asSentence(answer.summary)}${problem}`.trimEnd();
}

function headline(
  explained: ExplainResult,
  answer: Answer | undefined,
  plain: Plain,
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
    return ["**No environment** is selected here.", "", ...summary, ...warning];
  }
  const { name, python_version: version } = explained.environment;
  const title = `**${plainMarkdown(name)}**${version === null ? "" : `, Python ${version}`}`;
  return [title, "", ...summary, ...warning];
}

function environmentFacts(
  environment: Environment | null,
  path: Plain,
  plain: Plain,
): readonly string[] {
  if (environment === null) {
    return [];
  }
  const { interpreter_path: interpreter, prefix, status } = environment;
  return [
    ...(interpreter === null ? [] : [`- Interpreter: ${path(interpreter)}`]),
    `- Environment: ${path(prefix)}`,
    ...(status.state === "ok" ? [] : [`- It is ${status.state}: ${plain(status.message)}`]),
  ];
}

function workflowFacts(explained: ExplainResult, path: Plain): readonly string[] {
  const { workflow } = explained;
  if (workflow === null) {
    return ["- Workflow: none"];
  }
  const where = workflow.declared_in === null ? "" : `, declared in ${path(workflow.declared_in)}`;
  const trust = workflow.launch === null || workflow.trusted ? "" : "; it is not trusted, so it was not started";
  return [`- Workflow: ${plainMarkdown(workflow.name)} (rule ${workflow.rule})${where}${trust}`];
}

function section(
  title: string,
  rule: RegExp,
  trail: readonly Step[],
  plain: Plain,
): readonly string[] {
  const steps = trail.filter((step) => rule.test(step.rule));
  return steps.length === 0 ? [] : ["", `## ${title}`, "", ...steps.map((step) => stepLine(step, plain))];
}

function stepLine(step: Step, plain: Plain): string {
  const looksAt = RULES[step.rule];
  const rule = looksAt === undefined ? "" : `${step.rule}, ${looksAt}: `;
  return `- ${MARKS[step.outcome]} ${rule}${plain(step.detail)}`.trimEnd();
}
