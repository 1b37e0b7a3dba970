/** An environment manager for the Python Environments extension, with the environments of this extension. */
import { homedir } from "node:os";
import { setImmediate } from "node:timers/promises";

import * as vscode from "vscode";

import { isSame } from "../../core/neighbors.ts";
import { shortenHome } from "../../core/paths.ts";
import { confirmed } from "../../core/publish.ts";
import { Delete } from "../../acts.ts";
import { OneQueued } from "../../core/queue.ts";
import { isOfMachine, type Subject } from "../../core/commandTarget.ts";
import { type Answer, type Environment, Environments, Forget, Resolve } from "../../protocol.ts";
import type { Services } from "../services.ts";
import { remember } from "../picker.ts";
import { workspaceFolders } from "../places.ts";
import type { ItemEnvironment } from "./packages.ts";
import {
  type EnvironmentManager,
  type ListChange,
  pathOf,
  type PythonEnvironmentsApi,
  type TheirChange,
  type TheirEnvironment,
} from "./pythonEnvironmentsApi.ts";

/** Lists the workflows' environments, and selects, creates and deletes them. It is empty in an untrusted workspace. */
export class Manager implements EnvironmentManager, vscode.Disposable {
  readonly name = "python-workflow";
  readonly displayName = "Python Workflow";
  readonly description = vscode.l10n.t("The environments of each folder's workflow");
  /** The id of {@link import("./packages.ts").Packages}. */
  readonly preferredPackageManagerId = "python-workflow.python-workflow:workflow";
  private readonly api: PythonEnvironmentsApi;
  private readonly services: Services;
  /** The item of each environment. There is one each: their extension gives every item a new id. */
  private readonly items = new Map<string, TheirEnvironment>();
  private readonly itemEnvironments = new Map<string, ItemEnvironment>();
  /** The items that were listed for each folder. */
  private readonly listed = new Map<string, readonly TheirEnvironment[]>();
  private readonly selected = new Map<string, TheirEnvironment | undefined>();
  /** Items that were handed to their extension, which then asks to select them here: not a choice of the user. */
  private readonly handed = new WeakSet<TheirEnvironment>();
  /** The selections that their extension requested, one after the other. */
  private selecting = Promise.resolve();
  private readonly looking = new OneQueued(async () => this.lookAgain());
  private readonly changes = new vscode.EventEmitter<TheirChange>();
  private readonly listChanges = new vscode.EventEmitter<readonly ListChange[]>();
  private readonly subscriptions: vscode.Disposable;

  readonly onDidChangeEnvironment = this.changes.event;
  readonly onDidChangeEnvironments = this.listChanges.event;

  constructor(api: PythonEnvironmentsApi, services: Services) {
    this.api = api;
    this.services = services;
    const look = (): void => {
      this.looking.request().catch((error: unknown) => {
        services.log.debug(`The list for Python Environments cannot be read: ${String(error)}`);
      });
    };
    this.subscriptions = vscode.Disposable.from(
      services.interpreters.onDidChange(({ answer }) => {
        this.tell(answer);
        look();
      }),
      services.interpreters.onDidRefresh(look),
      this.changes,
      this.listChanges,
    );
  }

  /** Return the item of an environment of a folder. Throws what their extension throws. */
  item(environment: Environment, uri: string): TheirEnvironment {
    const item = this.anyItem(environment);
    this.itemEnvironments.set(item.envId.id, { uri, environment });
    return item;
  }

  /** Return the environment and the folder of an item. Throws for an item of another manager. */
  resolveItem(item: TheirEnvironment): ItemEnvironment {
    const found = this.itemEnvironments.get(item.envId.id);
    if (found === undefined) {
      throw new Error(vscode.l10n.t("{0} is not an environment of Python Workflow.", item.name));
    }
    return found;
  }

  async get(scope: vscode.Uri | undefined): Promise<TheirEnvironment | undefined> {
    const answer = await this.answer(scope);
    const environment = answer === undefined ? undefined : confirmed(answer);
    return answer === undefined || environment === undefined ? undefined : this.item(environment, answer.uri);
  }

  /** Note that an item is handed to their extension: it will come back without being the user's choice. */
  hand(item: TheirEnvironment): void {
    this.handed.add(item);
  }

  async set(scope: vscode.Uri | vscode.Uri[] | undefined, environment?: TheirEnvironment): Promise<void> {
    if (environment !== undefined && this.handed.has(environment)) {
      return;
    }
    const selected = this.selecting.then(async () => this.select(scope, environment));
    this.selecting = selected.catch(() => undefined);
    return selected;
  }

  /** Wait until all requested selections are done, and their extension knows. */
  async idle(): Promise<void> {
    await this.selecting;
    await setImmediate();
  }

  async getEnvironments(scope: vscode.Uri | "all" | "global"): Promise<TheirEnvironment[]> {
    if (!vscode.workspace.isTrusted || scope === "global") {
      return [];
    }
    const uris = scope === "all" ? workspaceFolders().map(({ uri }) => uri) : [scope.toString()];
    const lists = await Promise.all(uris.map(async (uri) => this.list(uri)));
    return [...new Set(lists.flat())];
  }

  quickCreateConfig(): { readonly description: string; readonly detail: string } {
    return {
      description: vscode.l10n.t("Create with the project's tool"),
      detail: vscode.l10n.t("Uses the default name, Python and dependencies."),
    };
  }

  async create(
    scope: vscode.Uri | vscode.Uri[] | "global",
    { quickCreate = false }: { readonly quickCreate?: boolean } = {},
  ): Promise<TheirEnvironment | undefined> {
    const [place] = scope === "global" ? [] : [scope].flat();
    if (place === undefined) {
      return undefined;
    }
    const command = quickCreate ? "quickCreateEnvironment" : "createEnvironment";
    await vscode.commands.executeCommand(`pythonWorkflow.${command}`, place);
    return this.get(place);
  }

  /** Delete an environment, after a confirmation unless the user has confirmed it already. */
  async remove(item: TheirEnvironment, { runHeadless = false }: { readonly runHeadless?: boolean } = {}): Promise<void> {
    const { environment, uri } = this.resolveItem(item);
    const { helper, interpreters } = this.services;
    if (runHeadless) {
      await helper.request(Delete, { uri, environment: environment.prefix });
      await interpreters.refresh();
    } else {
      const row: Subject = { kind: "row", uri, environment };
      await vscode.commands.executeCommand("pythonWorkflow.deleteEnvironment", row);
    }
  }

  async resolve(context: vscode.Uri | TheirEnvironment): Promise<TheirEnvironment | undefined> {
    const path = context instanceof vscode.Uri ? context.fsPath : pathOf(context);
    const known = [...this.items.values()].find((item) => path === pathOf(item) || path === item.sysPrefix);
    return Promise.resolve(known);
  }

  /** List the folders again that their extension asked about, and report the changes. */
  async refresh(): Promise<void> {
    return this.looking.request();
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  private anyItem(environment: Environment): TheirEnvironment {
    const { interpreter_path: interpreter, name, prefix, python_version: version } = environment;
    const key = JSON.stringify([prefix, interpreter, name, version]);
    const known = this.items.get(key);
    if (known !== undefined) {
      return known;
    }
    const executable = interpreter ?? prefix;
    const item = this.api.createPythonEnvironmentItem(
      {
        name,
        displayName: version === null ? name : `${isOfMachine(environment) ? "Python" : name} (${version})`,
        ...(version === null ? {} : { shortDisplayName: version }),
        displayPath: shortenHome(process.platform, homedir(), prefix),
        version: version ?? "",
        environmentPath: vscode.Uri.file(executable),
        execInfo: { run: { executable } },
        sysPrefix: prefix,
      },
      this,
    );
    this.items.set(key, item);
    return item;
  }

  private async lookAgain(): Promise<void> {
    const before = [...this.listed.values()].flat();
    const lists = await Promise.all([...this.listed.keys()].map(async (uri) => this.list(uri)));
    const now = lists.flat();
    const changes = [
      ...before.filter((item) => !now.includes(item)).map((environment) => ({ kind: "remove" as const, environment })),
      ...now.filter((item) => !before.includes(item)).map((environment) => ({ kind: "add" as const, environment })),
    ];
    if (changes.length > 0) {
      this.listChanges.fire(changes);
    }
  }

  /** Return the items of a folder's usable environments. */
  private async list(uri: string): Promise<readonly TheirEnvironment[]> {
    const { environments } = await this.services.helper.request(Environments, { uri, pythons: false });
    const items = environments
      .filter(({ interpreter_path: path, status }) => status.state === "ok" && path !== null)
      .map((environment) => this.item(environment, uri));
    this.listed.set(uri, items);
    return items;
  }

  /** Return the answer for a place on this machine's disk; undefined where none may be handed out. */
  private async answer(scope: vscode.Uri | undefined): Promise<Answer | undefined> {
    if (scope?.scheme !== "file" || !vscode.workspace.isTrusted) {
      return undefined;
    }
    const uri = scope.toString();
    if (workspaceFolders().some((folder) => folder.uri === uri)) {
      return this.services.interpreters.resolve(uri);
    }
    const { answers } = await this.services.helper.request(Resolve, { uris: [uri] });
    return answers[0];
  }

  private async select(
    scope: vscode.Uri | vscode.Uri[] | undefined,
    environment: TheirEnvironment | undefined,
  ): Promise<void> {
    const { helper, interpreters } = this.services;
    const path = pathOf(environment);
    for (const place of scope === undefined ? [] : [scope].flat()) {
      const answer = await this.answer(place);
      const uri = place.toString();
      if (answer === undefined) {
        continue;
      }
      if (path === undefined) {
        interpreters.store([await helper.request(Forget, { uri })], "change");
      } else if (answer.environment === null || !isSame(process.platform, answer.environment, path)) {
        await remember(helper, interpreters, uri, path);
      }
    }
  }

  private tell(answer: Answer): void {
    const environment = vscode.workspace.isTrusted ? confirmed(answer) : undefined;
    const now = environment === undefined ? undefined : this.item(environment, answer.uri);
    const old = this.selected.get(answer.uri);
    if (now !== old) {
      this.selected.set(answer.uri, now);
      this.changes.fire({ uri: vscode.Uri.parse(answer.uri, true), old, new: now });
    }
  }
}
