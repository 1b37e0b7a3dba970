/**
 * The projects in the Testing view: their tests are discovered in the background when they are first needed, and kept
 * up to date.
 */
import { basename } from "node:path";

import * as vscode from "vscode";

import { HelperError } from "../../core/client.ts";
import { isInside } from "../../core/paths.ts";
import { OneQueued } from "../../core/queue.ts";
import { testTree, type TestNode, troubleOutside } from "../../core/testTree.ts";
import { DiscoverTests, type DiscoverTestsResult, type FoundTest } from "../../testActs.ts";
import type { Answer } from "../../protocol.ts";
import type { NestedProjects } from "../nestedProjects.ts";
import type { Services } from "../services.ts";
import { TestItems } from "./items.ts";
import { problemMessage } from "./problems.ts";

/**
 * How long to wait after a change of a file before tests are discovered again; a slow discovery waits as long as the
 * last one took.
 */
const REST_MS = 500;
/** The section of the settings that turn tests on, and their discovery after changes of files. */
const SECTION = "pythonWorkflow.tests";

/** The tests of one project. */
export class TestProject {
  /** Its absolute root. */
  readonly root: string;
  /** The uri for requests to the helper. */
  readonly uri: string;
  readonly item: vscode.TestItem;
  readonly items: TestItems;
  /** The result of the last discovery. */
  found: DiscoverTestsResult | undefined;
  nodes: readonly TestNode[] = [];
  /** The part of the answer that the discovery depended on: {@link basisOf}. */
  basis = "";
  /** How long the last discovery took. */
  tookMs = 0;
  /** Runs from the last change of a file until the next discovery. */
  timer: NodeJS.Timeout | undefined;
  /** Its tests may have changed. */
  isStale = false;

  constructor(controller: vscode.TestController, root: string, uri: string) {
    this.root = root;
    this.uri = uri;
    this.items = new TestItems(controller);
    this.item = controller.createTestItem(root, basename(root), vscode.Uri.file(root));
  }

  /** Show the result of a discovery. */
  show(found: DiscoverTestsResult): void {
    // A framework that does not start says nothing of the tests.
    const tests = found.trouble !== "" && found.tests.length === 0 ? (this.found?.tests ?? []) : found.tests;
    this.found = { ...found, tests };
    this.nodes = testTree(this.found, process.platform);
    this.items.show(this.item.children, this.nodes);
    this.item.error = this.trouble(found);
    const [first] = found.configurations;
    this.item.description = first?.name ?? "";
  }

  /** Add tests that only a run found. */
  add(tests: readonly FoundTest[]): void {
    const { found } = this;
    const unknown = tests.filter(({ id }) => this.items.test(id) === undefined);
    if (found !== undefined && unknown.length > 0) {
      const known = new Set(tests.map(({ id }) => id.split("[")[0]));
      // A test that was read from source turns out to have cases.
      const kept = found.tests.filter(({ id }) => !(found.static && known.has(id)));
      this.show({ ...found, tests: [...kept, ...unknown] });
    }
  }

  private trouble(found: DiscoverTestsResult): vscode.MarkdownString | undefined {
    if (found.problem !== null) {
      return problemMessage(found.problem, this.uri);
    }
    // The view has one line for it, and a traceback ends in what is wrong; the log has the rest.
    const lines = [found.trouble, ...troubleOutside(found, process.platform)].join("\n").split("\n");
    const last = lines.filter((line) => line.trim() !== "").at(-1);
    return last === undefined ? undefined : new vscode.MarkdownString().appendText(last);
  }
}

/** Discovers the tests of all projects of the window. */
export class TestProjects implements vscode.Disposable {
  private readonly services: Services;
  private readonly nested: NestedProjects;
  private readonly controller: vscode.TestController;
  private readonly projects = new Map<string, TestProject>();
  private readonly discoveries = new Map<string, OneQueued>();
  private readonly changes = new vscode.EventEmitter<TestProject>();
  private readonly finds = new vscode.EventEmitter<void>();
  private readonly disposed = new AbortController();
  private subscriptions: readonly vscode.Disposable[] = [];
  private started: Promise<void> | undefined;

  /** Fires when files of a project have changed, and its tests were discovered again. */
  readonly onDidChange = this.changes.event;
  /** Fires when the tests of a project, or its configurations, may have changed. */
  readonly onDidFind = this.finds.event;

  constructor(services: Services, nested: NestedProjects, controller: vscode.TestController) {
    this.services = services;
    this.nested = nested;
    this.controller = controller;
  }

  /** Return all projects that have tests, or a problem that prevents their discovery. */
  all(): readonly TestProject[] {
    return [...this.projects.values()].filter(({ item }) => this.controller.items.get(item.id) === item);
  }

  /** Return the project of a row. */
  of(item: vscode.TestItem): TestProject | undefined {
    let top = item;
    while (top.parent !== undefined) {
      top = top.parent;
    }
    return this.projects.get(top.id);
  }

  /** Return the folders of other projects inside this one. */
  inside({ root }: TestProject): readonly string[] {
    return this.roots()
      .map(([other]) => other)
      .filter((other) => other !== root && isInside(process.platform, root, other));
  }

  /** Discover all tests, and again whenever they may have changed. Never rejects. */
  async start(): Promise<void> {
    this.started ??= this.begin();
    return this.started;
  }

  /** Discover all tests again. Never rejects. */
  async refresh(): Promise<void> {
    return this.started === undefined ? this.start() : this.discoverAll();
  }

  /** Discover the tests of the project of `uri` again. Never rejects. */
  async refreshAt(uri: string): Promise<void> {
    const project = [...this.projects.values()].find((one) => one.uri === uri);
    await (project === undefined ? this.refresh() : this.discovered(project));
  }

  dispose(): void {
    this.disposed.abort();
    for (const { timer } of this.projects.values()) {
      clearTimeout(timer);
    }
    vscode.Disposable.from(...this.subscriptions, this.changes, this.finds).dispose();
  }

  private async begin(): Promise<void> {
    await Promise.all([this.services.interpreters.resolveAll(openFolders()).catch(() => undefined), this.nested.search()]);
    this.watch();
    await this.discoverAll();
  }

  private async discoverAll(): Promise<void> {
    this.reconcile();
    await Promise.all([...this.projects.values()].map(async (project) => this.discovered(project)));
  }

  /** Update the projects to those of the window; return the new ones. */
  private reconcile(): readonly TestProject[] {
    const roots = new Map(this.roots());
    for (const [root, project] of this.projects) {
      if (!roots.has(root)) {
        this.drop(project);
      }
    }
    return [...roots].flatMap(([root, uri]) => {
      if (this.projects.has(root)) {
        return [];
      }
      const project = new TestProject(this.controller, root, uri);
      this.projects.set(root, project);
      return [project];
    });
  }

  /** Add new projects, whose tests were shown in an enclosing project until now. */
  private come(): void {
    for (const project of this.reconcile()) {
      void this.discovered(project);
      for (const other of this.projects.values()) {
        if (other !== project && isInside(process.platform, other.root, project.root)) {
          this.soon(other);
        }
      }
    }
  }

  private watch(): void {
    const { interpreters } = this.services;
    const python = vscode.workspace.createFileSystemWatcher("**/*.{py,ini,cfg,toml}");
    const changed = (file: vscode.Uri): void => {
      this.changed(file.fsPath);
    };
    const installed = vscode.workspace.createFileSystemWatcher("**/{*.dist-info,pyvenv.cfg}", false, true, false);
    const installs = ({ fsPath }: vscode.Uri): void => {
      const project = this.around(fsPath);
      // An environment came or went, or what was missing in one may be there now.
      if (project !== undefined && (fsPath.endsWith(".cfg") || project.found?.problem?.code === "tool_not_installed")) {
        this.soon(project);
      }
    };
    this.subscriptions = [
      python,
      python.onDidCreate(changed),
      python.onDidChange(changed),
      python.onDidDelete(changed),
      installed,
      installed.onDidCreate(installs),
      installed.onDidDelete(installs),
      interpreters.onDidChange(({ answer }) => {
        const project = this.projects.get(answer.root);
        if (project === undefined) {
          this.come();
        } else if (project.uri === answer.uri && project.basis !== basisOf(answer)) {
          this.soon(project);
        }
      }),
      interpreters.onDidRefresh(() => {
        // Trust may have been granted, which the helper knows by now, or folders opened or closed.
        this.come();
        for (const project of this.projects.values()) {
          if (project.found?.problem?.code === "not_trusted" && vscode.workspace.isTrusted) {
            this.soon(project);
          }
        }
      }),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(SECTION)) {
          void this.refresh();
        }
      }),
    ];
  }

  /** Discover tests again after a file changed that may define tests of the project around it. */
  private changed(path: string): void {
    const project = this.around(path);
    const isOn = vscode.workspace.getConfiguration(SECTION, vscode.Uri.file(path)).get("discoverOnChange") !== false;
    if (project !== undefined && !isOfOthers(project.root, path)) {
      // What runs continuously runs again, whether or not tests are looked for.
      this.soon(project, isOn && mayDefineTests(project, path));
    }
  }

  private around(path: string): TestProject | undefined {
    return [...this.projects.values()]
      .filter(({ root }) => isInside(process.platform, root, path))
      .sort((left, right) => right.root.length - left.root.length)[0];
  }

  /** When no more files change, discover the tests again if they may have changed, and report the change. */
  private soon(project: TestProject, isStale = true): void {
    project.isStale ||= isStale;
    clearTimeout(project.timer);
    const looked = async (): Promise<void> => {
      if (project.isStale) {
        await this.discovered(project);
      }
      this.changes.fire(project);
    };
    project.timer = setTimeout(() => void looked(), project.isStale ? Math.max(REST_MS, project.tookMs) : REST_MS);
  }

  private async discovered(project: TestProject): Promise<void> {
    const known = this.discoveries.get(project.root);
    const discovery = known ?? new OneQueued(async () => this.discover(project));
    this.discoveries.set(project.root, discovery);
    return discovery.request();
  }

  private async discover(project: TestProject): Promise<void> {
    const { helper, log } = this.services;
    const { item, uri } = project;
    const startedAt = performance.now();
    const answer = this.services.interpreters.get(uri);
    project.basis = answer === undefined ? "" : basisOf(answer);
    project.isStale = false;
    item.busy = true;
    try {
      const params = { uri, ignored: this.inside(project) };
      if (project.found === undefined || !vscode.workspace.isTrusted) {
        // At once, and by the ids that the framework will give them.
        this.show(project, await helper.stream(DiscoverTests, { ...params, static: true }, this.disposed.signal, () => undefined));
      }
      if (vscode.workspace.isTrusted) {
        this.show(project, await helper.stream(DiscoverTests, params, this.disposed.signal, () => undefined));
      }
    } catch (error) {
      log.warn(`The tests of ${project.root} are not known: ${String(error)}`);
      if (error instanceof HelperError) {
        item.error = error.message;
      }
    } finally {
      item.busy = false;
      project.tookMs = performance.now() - startedAt;
    }
  }

  private show(project: TestProject, found: DiscoverTestsResult): void {
    if (this.projects.get(project.root) !== project) {
      return; // its folder was closed meanwhile
    }
    project.show(found);
    if (found.trouble !== "") {
      this.services.log.warn(`The tests of ${project.root}: ${found.trouble}`);
    }
    const isEmpty = project.nodes.length === 0 && project.item.error === undefined;
    if (isEmpty) {
      this.controller.items.delete(project.item.id);
    } else if (this.controller.items.get(project.item.id) !== project.item) {
      this.controller.items.add(project.item);
    }
    this.finds.fire();
  }

  private drop(project: TestProject): void {
    clearTimeout(project.timer);
    this.projects.delete(project.root);
    this.discoveries.delete(project.root);
    this.controller.items.delete(project.item.id);
    this.finds.fire();
  }

  /** Return the roots of all projects of the window, each with the uri for requests. */
  private roots(): readonly (readonly [root: string, uri: string])[] {
    const found = new Map<string, string>();
    for (const { root, uri } of this.services.interpreters.all()) {
      const place = vscode.Uri.file(root);
      // A root around the open folder is asked about by way of it: trust is of what is open.
      const about = vscode.workspace.getWorkspaceFolder(place) === undefined ? uri : place.toString();
      const isOn = vscode.workspace.getConfiguration(SECTION, place).get("enabled") !== false;
      if (isOn && !found.has(root)) {
        found.set(root, about);
      }
    }
    return [...found];
  }
}

function openFolders(): readonly string[] {
  return (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === "file").map(({ uri }) => uri.toString());
}

/** Return the part of an answer that the discovery of tests depends on. */
function basisOf({ environment }: Answer): string {
  return JSON.stringify([environment?.prefix, environment?.status.state, environment?.python_version]);
}

/**
 * Return whether a file may change which tests there are: a test file, one that configures tests, or any while some
 * cannot be collected.
 */
function mayDefineTests({ found, items }: TestProject, path: string): boolean {
  const isNamedSo = /(?:^|[/\\])(?:test[^/\\]*\.py|[^/\\]*_test\.py|conftest\.py|[^/\\]*\.(?:ini|cfg|toml))$/.test(path);
  return isNamedSo || items.row(path) !== undefined || (found?.unusable.length ?? 0) > 0;
}

/** Return whether a file below `root` is not the user's own, such as a library's. */
function isOfOthers(root: string, path: string): boolean {
  return /[/\\](?:\.[^/\\]+|site-packages|node_modules|__pycache__|venv|build|dist)[/\\]/.test(path.slice(root.length));
}
