/** The trail of an answer as a document, and as lines for the log. */
import { codeSpan, plainMarkdown } from "./plain.ts";
import type { Answer, Environment, ExplainResult, Step } from "../protocol.ts";

/** What each rule looks at, in plain words. */
const RULES: Readonly<Record<string, string>> = {
  W1: "a workflow named for this window",
  W2: "your own rule for this folder",
  W3: "your preferred workflow",
  W4: "the workflow that the project declares",
  W5: "your preferred workflow, where a project declares none",
  W6: "a tool recognised by its files",
  W7: "the built-in fallback",
  E0: "the environment of a workflow named for this window",
  E1: "what you selected before",
  E2: "the environment that is activated",
  E3: "what the governing workflow says",
  E4: "`.venv` in the project",
  E5: "the last line of `.python-envs`",
  E6: "the environment of a recognised tool",
  E7: "none: the machine's best Python meanwhile",
};

const OUTCOMES: Readonly<Record<Step["outcome"], string>> = {
  matched: "this decided",
  passed: "nothing there",
  failed: "cannot be used",
};

/** A Markdown document that says which interpreter, and what was tried in order. */
export function trailDocument(explained: ExplainResult, answer: Answer | undefined): string {
  return [
    "# Why this interpreter?",
    "",
    ...headline(explained, answer),
    "",
    `- Project root: ${codeSpan(explained.root)}`,
    ...environmentFacts(explained.environment),
    ...workflowFacts(explained),
    ...(explained.provisional
      ? ["- This was read from files; the workflow has not confirmed it yet."]
      : []),
    "",
    "## What was tried, in order",
    "",
    ...explained.trail.map((step) => `1. ${stepLine(step)}`),
    "",
  ].join("\n");
}

/** A document for when the trail cannot be had. */
export function noTrailDocument(reason: string): string {
  return ["# Why this interpreter?", "", plainMarkdown(reason), ""].join("\n");
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
  const problem = answer.problem === null ? "" : ` ${answer.problem}`;
  return `${answer.root}: ${what}${answer.provisional ? ", provisionally" : ""}. ${answer.summary}${problem}`;
}

function headline(explained: ExplainResult, answer: Answer | undefined): readonly string[] {
  const summary = answer === undefined || answer.summary === "" ? [] : [plainMarkdown(answer.summary)];
  const problem = answer?.problem;
  const warning = problem === null || problem === undefined ? [] : ["", `**${plainMarkdown(problem)}**`];
  if (explained.environment === null) {
    return ["**No environment** is selected here.", "", ...summary, ...warning];
  }
  const { name, python_version: version } = explained.environment;
  const title = `**${plainMarkdown(name)}**${version === null ? "" : `, Python ${version}`}`;
  return [title, "", ...summary, ...warning];
}

function environmentFacts(environment: Environment | null): readonly string[] {
  if (environment === null) {
    return [];
  }
  const { interpreter_path: interpreter, prefix, status } = environment;
  return [
    ...(interpreter === null ? [] : [`- Interpreter: ${codeSpan(interpreter)}`]),
    `- Environment: ${codeSpan(prefix)}`,
    ...(status.state === "ok" ? [] : [`- It is ${status.state}: ${plainMarkdown(status.message)}`]),
  ];
}

function workflowFacts(explained: ExplainResult): readonly string[] {
  const { workflow } = explained;
  if (workflow === null) {
    return ["- Workflow: none"];
  }
  const where = workflow.declared_in === null ? "" : `, declared in ${codeSpan(workflow.declared_in)}`;
  const trust = workflow.launch === null || workflow.trusted ? "" : "; it is not trusted, so it was not started";
  return [`- Workflow: ${plainMarkdown(workflow.name)} (rule ${workflow.rule})${where}${trust}`];
}

function stepLine(step: Step): string {
  const looksAt = RULES[step.rule];
  const rule = looksAt === undefined ? step.rule : `${step.rule}, ${looksAt}`;
  const outcome = OUTCOMES[step.outcome];
  const mark = step.outcome === "matched" ? `**${outcome}**` : outcome;
  return `${rule}: ${mark}. ${plainMarkdown(step.detail)}`.trimEnd();
}
