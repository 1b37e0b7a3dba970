/** The Testing view: projects, tests, and a profile for each environment that they can be run in. */
import * as vscode from "vscode";

import type { TestConfiguration } from "../../testActs.ts";
import type { NestedProjects } from "../nestedProjects.ts";
import type { Services } from "../services.ts";
import { coveredLines } from "./coverage.ts";
import { registerInstall } from "./problems.ts";
import { type TestProject, TestProjects } from "./projects.ts";
import { type Choose, TestRuns } from "./runs.ts";

/** The names of test files: opening one starts the discovery. */
const TEST_FILE = /(?:^|[/\\])(?:test_[^/\\]*|[^/\\]*_test)\.py$/;

/** Register the view. Tests are discovered when it, or a test file, is first opened. */
export function registerTesting(services: Services, nested: NestedProjects): vscode.Disposable {
  const controller = vscode.tests.createTestController("pythonWorkflow", vscode.l10n.t("Python Tests"));
  const projects = new TestProjects(services, nested, controller);
  const profiles = new Profiles(controller, projects, new TestRuns(services, controller, projects));
  const look = (editors: readonly vscode.TextEditor[]): void => {
    if (editors.some(({ document }) => TEST_FILE.test(document.uri.fsPath))) {
      void projects.start();
    }
  };
  controller.resolveHandler = async () => projects.start();
  controller.refreshHandler = async () => projects.refresh();
  look(vscode.window.visibleTextEditors);
  return vscode.Disposable.from(
    controller,
    projects,
    profiles,
    vscode.window.onDidChangeVisibleTextEditors(look),
    projects.onDidFind(() => {
      profiles.update();
    }),
    projects.onDidChange((project) => {
      profiles.changed(project);
    }),
    registerInstall(services, (uri) => {
      void projects.refreshAt(uri);
    }),
  );
}

/** A continuous run: the request is run again whenever files change, until the user stops it. */
interface Continuous {
  readonly request: vscode.TestRunRequest;
  readonly choose: Choose;
  /** Cancels the present run. */
  running: vscode.CancellationTokenSource;
}

/** The test profiles: Run, Debug and Coverage in the default environment, one for each other configuration, and one for all. */
class Profiles implements vscode.Disposable {
  private readonly controller: vscode.TestController;
  private readonly projects: TestProjects;
  private readonly runs: TestRuns;
  private readonly fixed: readonly vscode.TestRunProfile[];
  private names: readonly string[] = [];
  private named: readonly vscode.TestRunProfile[] = [];
  private readonly continuous = new Set<Continuous>();

  constructor(controller: vscode.TestController, projects: TestProjects, runs: TestRuns) {
    this.controller = controller;
    this.projects = projects;
    this.runs = runs;
    const label = vscode.l10n.t("Default Environment");
    const coverage = this.profile(label, "coverage", inDefault, true);
    coverage.loadDetailedCoverage = async (_, file) => Promise.resolve(coveredLines(file));
    this.fixed = [this.profile(label, "run", inDefault, true), this.profile(label, "debug", inDefault, true), coverage];
  }

  /** Update the profiles, one for each configuration where a project has several. */
  update(): void {
    const several = this.projects.all().map(({ found }) => found?.configurations ?? []).filter(({ length }) => length > 1);
    const names = [...new Set(several.flatMap((configurations) => configurations.map(({ name }) => name)))].sort();
    if (names.join("\n") === this.names.join("\n")) {
      return;
    }
    this.names = names;
    vscode.Disposable.from(...this.named).dispose();
    const all = names.length === 0 ? [] : [this.profile(vscode.l10n.t("Run in All Environments"), "run", inAll, false)];
    this.named = [
      ...all,
      ...names.flatMap((name) => {
        const choose: Choose = (project) => configurationsOf(project).filter((one) => one.name === name);
        return [this.profile(name, "run", choose, false), this.profile(name, "debug", choose, false)];
      }),
    ];
  }

  /** Run the continuous runs of a project again after its files changed. */
  changed(project: TestProject): void {
    for (const one of this.continuous) {
      if (this.runs.has(one.request, project)) {
        one.running.cancel();
        one.running.dispose();
        one.running = new vscode.CancellationTokenSource();
        // The editor takes a second run of one request for a part of the first, which is over, and shows nothing of it.
        const { exclude, include, preserveFocus, profile } = one.request;
        const request = new vscode.TestRunRequest(include, exclude, profile, true, preserveFocus);
        void this.runs.run(request, "run", one.choose, one.running.token);
      }
    }
  }

  dispose(): void {
    for (const { running } of this.continuous) {
      running.dispose();
    }
    vscode.Disposable.from(...this.fixed, ...this.named).dispose();
  }

  private profile(label: string, kind: "run" | "debug" | "coverage", choose: Choose, isDefault: boolean): vscode.TestRunProfile {
    const kinds = {
      run: vscode.TestRunProfileKind.Run,
      debug: vscode.TestRunProfileKind.Debug,
      coverage: vscode.TestRunProfileKind.Coverage,
    };
    const handler = async (request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> => {
      if (request.continuous === true) {
        this.keep(request, choose, token);
      } else {
        await this.runs.run(request, kind, choose, token);
      }
    };
    // That it runs again by itself is for runs that nobody has to look at.
    return this.controller.createRunProfile(label, kinds[kind], handler, isDefault, undefined, kind === "run");
  }

  private keep(request: vscode.TestRunRequest, choose: Choose, token: vscode.CancellationToken): void {
    const one = { request, choose, running: new vscode.CancellationTokenSource() };
    this.continuous.add(one);
    token.onCancellationRequested(() => {
      this.continuous.delete(one);
      one.running.cancel();
    });
  }
}

function configurationsOf({ found }: TestProject): readonly TestConfiguration[] {
  return found?.configurations ?? [];
}

const inDefault: Choose = (project) => configurationsOf(project).slice(0, 1);
const inAll: Choose = configurationsOf;
