/** Terminals open in the environment of their folder; nothing is typed into them, and no file of a shell is touched. */
import { isDeepStrictEqual } from "node:util";
import { homedir } from "node:os";

import * as vscode from "vscode";

import { Activation } from "../acts.ts";
import type { HelperClient } from "../core/client.ts";
import { confirmed } from "../core/publish.ts";
import { type Mutation, mutations, terminalsTold } from "../core/terminals.ts";
import type { Interpreters } from "./interpreters.ts";
import type { Services } from "./services.ts";

const SETTING = "pythonWorkflow.terminals";
/** Files of variables, as they are usually called. */
const ENV_FILES = "**/.env*";
const display = { platform: process.platform, home: homedir() };

/** What the terminals of a folder are given. */
interface Given {
  readonly mutations: readonly Mutation[];
  readonly told: string | undefined;
}

const NOTHING: Given = { mutations: [], told: undefined };

/** Has terminals open in the environment of their folder, unless that is turned off. */
export function registerTerminals(services: Services): vscode.Disposable {
  return vscode.Disposable.from(new Terminals(services));
}

/**
 * Keeps the variables of each folder's terminals as its answer has them.
 *
 * The editor notices a change in terminals that are open: it starts those anew that nobody has used, and puts a sign with
 * the description on the others.
 */
class Terminals implements vscode.Disposable {
  private readonly helper: HelperClient;
  private readonly interpreters: Interpreters;
  private readonly log: vscode.LogOutputChannel;
  private readonly variables: vscode.GlobalEnvironmentVariableCollection;
  private readonly given = new Map<string, Given & { readonly index: number }>();
  private readonly firstIndex = new Map<string, number>();
  private readonly turns = new Map<string, number>();
  private readonly subscriptions: vscode.Disposable;

  constructor({ context, helper, interpreters, log }: Services) {
    this.helper = helper;
    this.interpreters = interpreters;
    this.log = log;
    this.variables = context.environmentVariableCollection;
    // What a window had may be gone, or no longer trusted, when the next one opens.
    this.variables.persistent = false;
    const envFiles = vscode.workspace.createFileSystemWatcher(ENV_FILES);
    const renew = (): void => {
      this.updateAll();
    };
    this.subscriptions = vscode.Disposable.from(
      envFiles,
      envFiles.onDidCreate(renew),
      envFiles.onDidChange(renew),
      envFiles.onDidDelete(renew),
      interpreters.onDidChange(({ answer, origin }) => {
        const folder = folderOf(answer.uri);
        if (folder !== undefined && origin !== "one-shot") {
          void this.update(folder);
        }
      }),
      interpreters.onDidRefresh(renew),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(SETTING)) {
          this.updateAll();
        }
      }),
      vscode.workspace.onDidChangeWorkspaceFolders(() => {
        this.takeFromMoved();
      }),
    );
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  private updateAll(): void {
    for (const folder of vscode.workspace.workspaceFolders ?? []) {
      void this.update(folder);
    }
  }

  private async update(folder: vscode.WorkspaceFolder): Promise<void> {
    const uri = folder.uri.toString();
    const turn = (this.turns.get(uri) ?? 0) + 1;
    this.turns.set(uri, turn);
    const given = await this.gives(folder);
    // Another answer may have come meanwhile, and the folder may be gone.
    if (this.turns.get(uri) === turn && folderOf(uri)?.index === folder.index) {
      this.give(folder, given);
    }
  }

  private async gives(folder: vscode.WorkspaceFolder): Promise<Given> {
    const uri = folder.uri.toString();
    const answer = this.interpreters.get(uri);
    const environment = answer === undefined ? undefined : confirmed(answer);
    if (answer === undefined || environment === undefined || !isTerminalWanted(folder)) {
      return NOTHING;
    }
    try {
      const { env, prefix } = await this.helper.request(Activation, { uri });
      return prefix === null
        ? NOTHING
        : {
            mutations: mutations(env, environment.kind, process),
            told: terminalsTold(answer, display),
          };
    } catch (error) {
      this.log.warn(`The terminals of ${folder.name} open without an environment: ${String(error)}`);
      return NOTHING;
    }
  }

  /** Changes what differs alone: each change travels to the editor. */
  private give(folder: vscode.WorkspaceFolder, given: Given): void {
    const uri = folder.uri.toString();
    const before = this.given.get(uri) ?? NOTHING;
    if (isDeepStrictEqual(before, { ...given, index: folder.index })) {
      return;
    }
    this.given.set(uri, { ...given, index: folder.index });
    const variables = this.variablesOf(uri, folder.index);
    const kept = new Set(given.mutations.map(({ variable }) => variable));
    for (const { variable } of before.mutations.filter((one) => !kept.has(one.variable))) {
      variables.delete(variable);
    }
    for (const { again, kind, value, variable } of given.mutations) {
      variables[kind](variable, value, { applyAtProcessCreation: true, applyAtShellIntegration: again });
    }
    variables.description = described(given.told);
    this.log.debug(`terminals of ${folder.name}: ${[...kept].join(", ")}`);
  }

  /** Takes what was given from folders that are gone, or have another place in the workspace. */
  private takeFromMoved(): void {
    for (const [uri, { index }] of this.given) {
      if (folderOf(uri)?.index !== index) {
        this.variablesOf(uri, index).clear();
        this.given.delete(uri);
      }
    }
  }

  /**
   * The variables of a folder at its place in the workspace.
   *
   * The editor goes by the place alone, but keeps for each uri the place that it had first.
   */
  private variablesOf(uri: string, index: number): vscode.EnvironmentVariableCollection {
    const first = this.firstIndex.get(uri) ?? index;
    this.firstIndex.set(uri, first);
    const own = vscode.Uri.parse(uri, true);
    const scope = first === index ? own : own.with({ fragment: String(index) });
    return this.variables.getScoped({ workspaceFolder: { uri: scope, name: "", index } });
  }
}

function described(told: string | undefined): vscode.MarkdownString | undefined {
  return told === undefined ? undefined : new vscode.MarkdownString(told);
}

/** Whether terminals of a folder open in its environment. */
export function isTerminalWanted(folder: vscode.WorkspaceFolder): boolean {
  return (
    vscode.workspace.isTrusted &&
    vscode.workspace.getConfiguration(undefined, folder.uri).get<boolean>(SETTING, true)
  );
}

function folderOf(uri: string): vscode.WorkspaceFolder | undefined {
  return vscode.workspace.workspaceFolders?.find((folder) => folder.uri.toString() === uri);
}
