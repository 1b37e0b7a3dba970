/** Runs of tests: the selected tests, in one or several configurations, with results as they come. */
import * as vscode from "vscode";

import { Cancelled, HelperError } from "../../core/client.ts";
import { type TestFailure, Results, type Shown, terminalText } from "../../core/testResults.ts";
import { leaves, namesOf, selected, type TestNode } from "../../core/testTree.ts";
import { type RunKind, RunTests, type TestConfiguration, type TestEvent, testEventsFromWire } from "../../testActs.ts";
import type { Services } from "../services.ts";
import { isTrustedTo } from "../restricted.ts";
import { addCoverage } from "./coverage.ts";
import { debugTests, whyNotDebugIn } from "./debugRun.ts";
import { offerToInstall, problemText } from "./problems.ts";
import type { TestProject, TestProjects } from "./projects.ts";

/** The most characters of names in one command line: Windows allows 32,767 in all, and Linux 131,072 in one argument. */
const NAMES_LIMIT = process.platform === "win32" ? 20_000 : 100_000;
/** The most tests that are shown as queued one by one. */
const MOST_WAITING = 2_000;

/** Chooses the configurations in which a project's tests are run. */
export type Choose = (project: TestProject) => readonly TestConfiguration[];

/** The part of a run that belongs to one project. */
interface RequestedProject {
  readonly project: TestProject;
  readonly nodes: readonly TestNode[];
  /** Whether it is all tests of the project. */
  readonly isWhole: boolean;
}

/** Runs tests for the profiles of one controller. */
export class TestRuns {
  private readonly services: Services;
  private readonly controller: vscode.TestController;
  private readonly projects: TestProjects;

  constructor(services: Services, controller: vscode.TestController, projects: TestProjects) {
    this.services = services;
    this.controller = controller;
    this.projects = projects;
  }

  /** Run the requested tests. Never rejects. */
  async run(
    request: vscode.TestRunRequest,
    kind: RunKind,
    choose: Choose,
    token: vscode.CancellationToken,
  ): Promise<void> {
    if (!(await isTrustedTo("run"))) {
      return;
    }
    const run = this.controller.createTestRun(request);
    const stopped = new AbortController();
    const stop = (): void => {
      stopped.abort();
    };
    const subscription = vscode.Disposable.from(token.onCancellationRequested(stop), run.token.onCancellationRequested(stop));
    try {
      for (const part of this.requested(request)) {
        if (!stopped.signal.aborted) {
          await this.runPart(run, part, kind, choose(part.project), stopped.signal);
        }
      }
    } finally {
      subscription.dispose();
      run.end();
    }
  }

  /** Return whether a request contains tests of a project. */
  has(request: vscode.TestRunRequest, project: TestProject): boolean {
    return this.requested(request).some((part) => part.project === project);
  }

  private requested({ exclude, include }: vscode.TestRunRequest): readonly RequestedProject[] {
    const left = exclude ?? [];
    const excluded = new Set(left.map(({ id }) => id));
    const of = (items: readonly vscode.TestItem[], project: TestProject): readonly vscode.TestItem[] =>
      items.filter((item) => this.projects.of(item) === project);
    return this.projects.all().flatMap((project) => {
      const included = include === undefined ? [project.item] : of(include, project);
      if (included.length === 0 || excluded.has(project.item.id)) {
        return [];
      }
      const all = included.includes(project.item);
      const nodes = selected(project.nodes, all ? undefined : new Set(included.map(({ id }) => id)), excluded);
      return [{ project, nodes, isWhole: all && of(left, project).length === 0 }];
    });
  }

  private async runPart(
    run: vscode.TestRun,
    part: RequestedProject,
    kind: RunKind,
    configurations: readonly TestConfiguration[],
    signal: AbortSignal,
  ): Promise<void> {
    const { project } = part;
    const problem = project.found?.problem ?? null;
    if (problem !== null) {
      run.errored(project.item, new vscode.TestMessage(problemText(problem)));
      return;
    }
    this.wait(run, part);
    const results = new Results();
    for (const configuration of configurations) {
      if (signal.aborted) {
        return;
      }
      const where = configurations.length > 1 ? configuration.name : undefined;
      if (where !== undefined) {
        run.appendOutput(`${vscode.l10n.t("Running the tests in {0}", where)}\r\n`);
      }
      const one = new ProjectRun(run, project, results, where, signal);
      await this.runIn(one, part, kind, configuration, signal);
    }
  }

  private wait(run: vscode.TestRun, { nodes, project }: RequestedProject): void {
    const tests = leaves(nodes);
    for (const { key } of tests.length > MOST_WAITING ? nodes : tests) {
      const item = project.items.row(key);
      if (item !== undefined) {
        run.enqueued(item);
      }
    }
  }

  private async runIn(
    one: ProjectRun,
    part: RequestedProject,
    kind: RunKind,
    configuration: TestConfiguration,
    signal: AbortSignal,
  ): Promise<void> {
    const { project } = part;
    const reason = kind === "debug" ? whyNotDebugIn(configuration) : undefined;
    if (reason !== undefined) {
      one.fail(reason);
      return;
    }
    const params = {
      uri: project.uri,
      configuration: configuration.id,
      names: part.isWhole ? [] : namesOf(part.nodes, NAMES_LIMIT),
      ignored: this.projects.inside(project),
      kind,
    };
    const debugged = new AbortController();
    const ends = AbortSignal.any([signal, debugged.signal]);
    try {
      const ended = await this.services.helper.stream(RunTests, params, ends, (value) => {
        for (const event of one.take(testEventsFromWire(value, "runTests"))) {
          void debugTests(event, configuration, project.item.uri ?? vscode.Uri.file(project.root), one.run)
            .catch((error: unknown) => {
              one.fail(String(error));
            })
            .finally(() => {
              debugged.abort();
            });
        }
      });
      // Whoever ends the debugger knows that the tests did not come to their end.
      one.end(kind === "debug" ? null : ended.trouble, ended.output);
      addCoverage(one.run, ended.coverage, project.root);
    } catch (error) {
      this.failed(one, error, part, configuration);
    }
  }

  private failed(one: ProjectRun, error: unknown, { project }: RequestedProject, { environment }: TestConfiguration): void {
    if (error instanceof Cancelled) {
      return;
    }
    this.services.log.error(String(error));
    one.fail(error instanceof Error ? error.message : String(error));
    if (error instanceof HelperError && error.code === "tool_not_installed") {
      // The run is over; once it is installed, the next one measures.
      void offerToInstall({ uri: project.uri, environment: environment.prefix, package: "coverage" }, error.message);
    }
  }
}

/** Shows one run in one configuration of one project. */
class ProjectRun {
  readonly run: vscode.TestRun;
  private readonly project: TestProject;
  private readonly results: Results;
  private readonly where: string | undefined;
  private readonly signal: AbortSignal;

  constructor(run: vscode.TestRun, project: TestProject, results: Results, where: string | undefined, signal: AbortSignal) {
    this.run = run;
    this.project = project;
    this.results = results;
    this.where = where;
    this.signal = signal;
  }

  /** Show the outcomes of tests; return the command for the debugger, where one is to be started. */
  take(events: readonly TestEvent[]): readonly Extract<TestEvent, { readonly event: "command" }>[] {
    const over = new Set(events.flatMap((event) => (event.event === "result" && event.subtest === null ? [event.id] : [])));
    const lines: string[] = [];
    const commands = events.flatMap((event) => {
      switch (event.event) {
        case "command":
          return [event];
        case "collected":
          this.project.add(event.tests);
          break;
        case "running":
          this.startedUnless(over.has(event.id), event.id);
          break;
        case "unusable":
          this.unusable(event);
          break;
        case "result":
          // A test that the user has ended is in no state.
          if (!(this.signal.aborted && event.state === "error")) {
            lines.push(this.result(event));
          }
          break;
      }
      return [];
    });
    if (lines.length > 0) {
      this.run.appendOutput(lines.join(""));
    }
    return commands;
  }

  /** Show an error of the run as a whole. */
  fail(reason: string): void {
    this.run.errored(this.project.item, new vscode.TestMessage(reason));
    this.run.appendOutput(`${terminalText(reason)}\r\n`);
  }

  /** Show how the run ended, unless it ended as it should. */
  end(trouble: string | null, output: string | null): void {
    if (output !== null) {
      this.run.appendOutput(`${terminalText(output)}\r\n`);
    }
    if (trouble !== null && !this.signal.aborted) {
      this.fail(trouble);
    }
  }

  private startedUnless(isOver: boolean, id: string): void {
    const item = this.project.items.test(id);
    if (item !== undefined && !isOver) {
      this.run.started(item);
    }
  }

  private unusable({ detail, file, line, message }: Extract<TestEvent, { readonly event: "unusable" }>): void {
    const item = (file === null ? undefined : this.project.items.row(file)) ?? this.project.item;
    const shown = { text: detail ?? message, comparison: undefined, file: file ?? undefined, line: line ?? undefined };
    this.run.errored(item, messageOf(shown));
    this.run.appendOutput(`${terminalText(detail ?? message)}\r\n`, undefined, item);
  }

  /** Show an outcome; return a line for the output of the whole run. */
  private result(event: Extract<TestEvent, { readonly event: "result" }>): string {
    const item = this.project.items.test(event.id);
    const shown = this.results.add(event, this.where);
    if (item === undefined) {
      return `${event.state} ${event.id}\r\n`;
    }
    if (event.output !== null) {
      const place = item.uri !== undefined && item.range !== undefined ? new vscode.Location(item.uri, item.range) : undefined;
      this.run.appendOutput(`${terminalText(event.output.trimEnd())}\r\n`, place, item);
    }
    if (shown !== undefined) {
      show(this.run, item, shown);
    }
    const subtest = event.subtest === null ? "" : ` [${event.subtest}]`;
    return `${event.state} ${event.id}${subtest}\r\n`;
  }
}

function show(run: vscode.TestRun, item: vscode.TestItem, { duration, failures, state }: Shown): void {
  const messages = failures.map(messageOf);
  switch (state) {
    case "passed":
      run.passed(item, duration);
      break;
    case "skipped":
      run.skipped(item);
      break;
    case "failed":
      run.failed(item, messages, duration);
      break;
    case "error":
      run.errored(item, messages, duration);
      break;
  }
}

function messageOf({ comparison, file, line, text }: TestFailure): vscode.TestMessage {
  const message =
    comparison === undefined
      ? new vscode.TestMessage(text)
      : vscode.TestMessage.diff(text, comparison.expected, comparison.actual);
  if (file !== undefined) {
    message.location = new vscode.Location(vscode.Uri.file(file), new vscode.Position((line ?? 1) - 1, 0));
  }
  return message;
}
