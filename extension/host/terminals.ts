/** Terminals open in the environment of their folder; nothing is typed into them, and no file of a shell is touched. */
import { isDeepStrictEqual } from "node:util";
import { homedir } from "node:os";

import * as vscode from "vscode";

import { Activation } from "../acts.ts";
import type { HelperClient } from "../core/client.ts";
import { confirmed } from "../core/publish.ts";
import { describeTerminals, type Mutation, mutations } from "../core/terminals.ts";
import type { Interpreters } from "./interpreters.ts";
import type { Services } from "./services.ts";

const SETTING = "pythonWorkflow.terminals";
/** The usual names of files with environment variables. */
const ENV_FILES = "**/.env*";
const display = { platform: process.platform, home: homedir() };

/** The changes to the variables of a folder's terminals, and the description that the editor shows of them. */
interface TerminalChanges {
  readonly mutations: readonly Mutation[];
  readonly description: string | undefined;
}

const NO_CHANGES: TerminalChanges = { mutations: [], description: undefined };

/** Open terminals in the environment of their folder, unless the setting turns that off. */
export function registerTerminals(services: Services): vscode.Disposable {
  return vscode.Disposable.from(new Terminals(services));
}

/**
 * Keeps the variables of each folder's terminals up to date with its answer.
 *
 * The editor notices a change in open terminals: it restarts those that nobody has used, and marks the others with a sign
 * that shows the description.
 */
class Terminals implements vscode.Disposable {
  private readonly helper: HelperClient;
  private readonly interpreters: Interpreters;
  private readonly log: vscode.LogOutputChannel;
  private readonly variables: vscode.GlobalEnvironmentVariableCollection;
  private readonly applied = new Map<string, TerminalChanges & { readonly index: number }>();
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
        this.clearMoved();
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
    const changes = await this.changesFor(folder);
    // Another answer may have come meanwhile, and the folder may be gone.
    if (this.turns.get(uri) === turn && folderOf(uri)?.index === folder.index) {
      this.apply(folder, changes);
    }
  }

  private async changesFor(folder: vscode.WorkspaceFolder): Promise<TerminalChanges> {
    const uri = folder.uri.toString();
    const answer = this.interpreters.get(uri);
    const environment = answer === undefined ? undefined : confirmed(answer);
    if (answer === undefined || environment === undefined || !activatesTerminals(folder)) {
      return NO_CHANGES;
    }
    try {
      const { env, prefix } = await this.helper.request(Activation, { uri });
      return prefix === null
        ? NO_CHANGES
        : {
            mutations: mutations(env, environment.kind, process),
            description: describeTerminals(answer, display),
          };
    } catch (error) {
      this.log.warn(`The terminals of ${folder.name} open without an environment: ${String(error)}`);
      return NO_CHANGES;
    }
  }

  /** Apply only what differs: the editor is sent each change. */
  private apply(folder: vscode.WorkspaceFolder, changes: TerminalChanges): void {
    const uri = folder.uri.toString();
    const before = this.applied.get(uri) ?? NO_CHANGES;
    if (isDeepStrictEqual(before, { ...changes, index: folder.index })) {
      return;
    }
    this.applied.set(uri, { ...changes, index: folder.index });
    const variables = this.variablesOf(uri, folder.index);
    const kept = new Set(changes.mutations.map(({ variable }) => variable));
    for (const { variable } of before.mutations.filter((mutation) => !kept.has(mutation.variable))) {
      variables.delete(variable);
    }
    for (const { applyAtShellIntegration, kind, value, variable } of changes.mutations) {
      variables[kind](variable, value, { applyAtProcessCreation: true, applyAtShellIntegration });
    }
    const { description } = changes;
    variables.description = description === undefined ? undefined : new vscode.MarkdownString(description);
    this.log.debug(`terminals of ${folder.name}: ${[...kept].join(", ")}`);
  }

  /** Clear the variables of folders that are gone, or have another place in the workspace. */
  private clearMoved(): void {
    for (const [uri, { index }] of this.applied) {
      if (folderOf(uri)?.index !== index) {
        this.variablesOf(uri, index).clear();
        this.applied.delete(uri);
      }
    }
  }

  /**
   * Return the variables of a folder at its place in the workspace.
   *
   * The editor finds a folder's variables by its place alone, but remembers for each uri the place that it had first.
   */
  private variablesOf(uri: string, index: number): vscode.EnvironmentVariableCollection {
    const first = this.firstIndex.get(uri) ?? index;
    this.firstIndex.set(uri, first);
    const own = vscode.Uri.parse(uri, true);
    const scope = first === index ? own : own.with({ fragment: String(index) });
    return this.variables.getScoped({ workspaceFolder: { uri: scope, name: "", index } });
  }
}

/** Return whether the terminals of a folder open in its environment. */
export function activatesTerminals(folder: vscode.WorkspaceFolder): boolean {
  return (
    vscode.workspace.isTrusted &&
    vscode.workspace.getConfiguration(undefined, folder.uri).get<boolean>(SETTING, true)
  );
}

function folderOf(uri: string): vscode.WorkspaceFolder | undefined {
  return vscode.workspace.workspaceFolders?.find((folder) => folder.uri.toString() === uri);
}
