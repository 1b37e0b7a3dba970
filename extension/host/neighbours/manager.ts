/** Our environments, as a manager of the Python Environments extension has them. */
import { homedir } from "node:os";
import { setImmediate } from "node:timers/promises";

import * as vscode from "vscode";

import { isSame } from "../../core/neighbours.ts";
import { shortenHome } from "../../core/paths.ts";
import { confirmed } from "../../core/publish.ts";
import { type Answer, type Environment, Environments, Forget, Resolve } from "../../protocol.ts";
import type { Parts } from "../parts.ts";
import { remember } from "../picker.ts";
import { workspaceFolders } from "../places.ts";
import {
  type EnvironmentManager,
  pathOf,
  type PythonEnvironmentsApi,
  type TheirChange,
  type TheirEnvironment,
} from "./pythonEnvironmentsApi.ts";

/**
 * Lists what the workflows have, and selects and creates through them. In an untrusted workspace it has nothing.
 *
 * It names no package manager of theirs: packages are the workflow's, and without one they write no setting when an
 * environment of ours is selected.
 */
export class Manager implements EnvironmentManager, vscode.Disposable {
  readonly name = "python-workflow";
  readonly displayName = "Python Workflow";
  readonly description = vscode.l10n.t("The environments of the workflow that governs each folder");
  readonly preferredPackageManagerId = "python-workflow.python-workflow:workflow";
  private readonly api: PythonEnvironmentsApi;
  private readonly parts: Parts;
  /** Each has one item: theirs are told apart by an id that they make up. */
  private readonly items = new Map<string, TheirEnvironment>();
  private readonly selected = new Map<string, TheirEnvironment | undefined>();
  /** What they are having selected, one after the other. */
  private selecting = Promise.resolve();
  private readonly changes = new vscode.EventEmitter<TheirChange>();
  private readonly subscriptions: vscode.Disposable;

  readonly onDidChangeEnvironment = this.changes.event;

  constructor(api: PythonEnvironmentsApi, parts: Parts) {
    this.api = api;
    this.parts = parts;
    this.subscriptions = vscode.Disposable.from(
      parts.interpreters.onDidChange(({ answer }) => {
        this.tell(answer);
      }),
      this.changes,
    );
  }

  /** The item of an environment. Throws what their extension throws. */
  item(environment: Environment): TheirEnvironment {
    const { interpreter_path: interpreter, name, prefix, python_version: version } = environment;
    const key = JSON.stringify([prefix, interpreter, name, version]);
    const known = this.items.get(key);
    if (known !== undefined) {
      return known;
    }
    const executable = interpreter ?? prefix;
    const made = this.api.createPythonEnvironmentItem(
      {
        name,
        displayName: version === null ? name : `${name} (${version})`,
        ...(version === null ? {} : { shortDisplayName: version }),
        displayPath: shortenHome(process.platform, homedir(), prefix),
        version: version ?? "",
        environmentPath: vscode.Uri.file(executable),
        execInfo: { run: { executable } },
        sysPrefix: prefix,
      },
      this,
    );
    this.items.set(key, made);
    return made;
  }

  async get(scope: vscode.Uri | undefined): Promise<TheirEnvironment | undefined> {
    const answer = await this.answer(scope);
    const environment = answer === undefined ? undefined : confirmed(answer);
    return environment === undefined ? undefined : this.item(environment);
  }

  async set(scope: vscode.Uri | vscode.Uri[] | undefined, environment?: TheirEnvironment): Promise<void> {
    const selected = this.selecting.then(async () => this.select(scope, environment));
    this.selecting = selected.catch(() => undefined);
    return selected;
  }

  /** Resolves when all that they were having selected is, and they know. */
  async idle(): Promise<void> {
    await this.selecting;
    await setImmediate();
  }

  async getEnvironments(scope: vscode.Uri | "all" | "global"): Promise<TheirEnvironment[]> {
    if (!vscode.workspace.isTrusted || scope === "global") {
      return [];
    }
    const uris = scope === "all" ? workspaceFolders().map(({ uri }) => uri) : [scope.toString()];
    const found = await Promise.all(
      uris.map(async (uri) => this.parts.helper.request(Environments, { uri, pythons: false })),
    );
    const usable = found
      .flatMap(({ environments }) => environments)
      .filter(({ interpreter_path: path, status }) => status.state === "ok" && path !== null);
    return [...new Set(usable.map((environment) => this.item(environment)))];
  }

  async create(scope: vscode.Uri | vscode.Uri[] | "global"): Promise<TheirEnvironment | undefined> {
    const [place] = scope === "global" ? [] : [scope].flat();
    if (place === undefined) {
      return undefined;
    }
    await vscode.commands.executeCommand("pythonWorkflow.createEnvironment", place);
    return this.get(place);
  }

  async resolve(context: vscode.Uri | TheirEnvironment): Promise<TheirEnvironment | undefined> {
    const path = context instanceof vscode.Uri ? context.fsPath : pathOf(context);
    const known = [...this.items.values()].find((item) => path === pathOf(item) || path === item.sysPrefix);
    return Promise.resolve(known);
  }

  /** What there is is looked up each time. */
  async refresh(): Promise<void> {
    return Promise.resolve();
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  /** What holds for a place on this machine's disk; undefined where nothing may be told. */
  private async answer(scope: vscode.Uri | undefined): Promise<Answer | undefined> {
    if (scope?.scheme !== "file" || !vscode.workspace.isTrusted) {
      return undefined;
    }
    const uri = scope.toString();
    if (workspaceFolders().some((folder) => folder.uri === uri)) {
      return this.parts.interpreters.resolve(uri);
    }
    const { answers } = await this.parts.helper.request(Resolve, { uris: [uri] });
    return answers[0];
  }

  private async select(
    scope: vscode.Uri | vscode.Uri[] | undefined,
    environment: TheirEnvironment | undefined,
  ): Promise<void> {
    const { helper, interpreters } = this.parts;
    const path = pathOf(environment);
    for (const place of scope === undefined ? [] : [scope].flat()) {
      const answer = await this.answer(place);
      const uri = place.toString();
      if (answer === undefined) {
        continue;
      }
      if (path === undefined) {
        interpreters.take([await helper.request(Forget, { uri })], "change");
      } else if (answer.environment === null || !isSame(process.platform, answer.environment, path)) {
        await remember(helper, interpreters, uri, path);
      }
    }
  }

  private tell(answer: Answer): void {
    const environment = vscode.workspace.isTrusted ? confirmed(answer) : undefined;
    const now = environment === undefined ? undefined : this.item(environment);
    const old = this.selected.get(answer.uri);
    if (now !== old) {
      this.selected.set(answer.uri, now);
      this.changes.fire({ uri: vscode.Uri.parse(answer.uri, true), old, new: now });
    }
  }
}
