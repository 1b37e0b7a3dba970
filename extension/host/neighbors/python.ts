/** The Python extension, `ms-python.python`, by its public API. */
import { isAbsolute } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import * as vscode from "vscode";

import type { Environment } from "../../protocol.ts";
import { familiar, type Neighbor, type NeighborChange } from "./neighbor.ts";

/** How long to wait until the extension has looked at an environment. */
const LOOKING_MS = 3_000;

/** The part of its exported `environments` that is used here. */
interface Environments {
  /** Let it look at an environment that it does not know yet. Older versions lack this function. */
  resolveEnvironment?(environment: string): Promise<unknown>;
  /** Return its selection; `path` may be just `python` where nothing is selected. */
  getActiveEnvironmentPath(resource: vscode.Uri): { readonly path: string };
  /** Select an environment. The extension remembers it for the workspace folder and writes no setting. */
  updateActiveEnvironmentPath(environment: string, resource: vscode.Uri): Promise<void>;
  onDidChangeActiveEnvironmentPath(
    listener: (change: { readonly resource: vscode.Uri | vscode.WorkspaceFolder | undefined }) => void,
  ): vscode.Disposable;
}

/** Talk to the Python extension. Throws {@link Unfamiliar}. */
export function meetPython(exported: unknown): Neighbor {
  const { environments, ready } = (exported ?? {}) as { readonly environments?: unknown; readonly ready?: unknown };
  const familiarOnes = familiar<Environments>(environments, [
    "getActiveEnvironmentPath",
    "updateActiveEnvironmentPath",
    "onDidChangeActiveEnvironmentPath",
  ]);
  return new Python(familiarOnes, Promise.resolve(ready));
}

class Python implements Neighbor {
  readonly name = "Python";
  readonly started: Promise<unknown>;
  private readonly environments: Environments;
  private readonly changes = new vscode.EventEmitter<NeighborChange | undefined>();
  private readonly starts = new vscode.EventEmitter<vscode.Uri>();
  private readonly seen = new Set<string>();
  private readonly subscriptions: vscode.Disposable;

  readonly onDidChange = this.changes.event;
  readonly onDidStart = this.starts.event;
  readonly onDidChoose = undefined;

  constructor(environments: Environments, started: Promise<unknown>) {
    this.environments = environments;
    this.started = started;
    // It prepares this one as it starts.
    this.look(vscode.window.activeTextEditor?.document);
    this.subscriptions = vscode.Disposable.from(
      this.changes,
      this.starts,
      environments.onDidChangeActiveEnvironmentPath(({ resource }) => {
        const place = resource !== undefined && "uri" in resource ? resource.uri : resource;
        this.changes.fire(place === undefined ? undefined : { place, before: null });
      }),
      vscode.workspace.onDidOpenTextDocument((document) => {
        this.look(document);
      }),
    );
  }

  /** Return no places: it has one selection per open folder. */
  nested(): readonly vscode.Uri[] {
    return [];
  }

  async selected(place: vscode.Uri): Promise<string | undefined> {
    const { path } = await Promise.resolve(this.environments.getActiveEnvironmentPath(place));
    return isAbsolute(path) ? path : undefined;
  }

  async hand(place: vscode.Uri, { interpreter_path: path, prefix }: Environment): Promise<void> {
    const environment = path ?? prefix;
    await this.makeKnown(environment);
    await this.environments.updateActiveEnvironmentPath(environment, place);
  }

  /**
   * Let it look at an environment that it may not know.
   *
   * Its status bar item waits only a tenth of a second for that after a selection. Then it shows the selection before,
   * until another editor is shown.
   */
  private async makeKnown(environment: string): Promise<void> {
    try {
      await Promise.race([this.environments.resolveEnvironment?.(environment), sleep(LOOKING_MS, undefined, { ref: false })]);
    } catch {
      // The result is not used: the call only makes the extension look at the environment.
    }
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  /**
   * Note the first Python file of a folder: the extension then prepares the folder, and once forgets what it was handed
   * before.
   */
  private look(document: vscode.TextDocument | undefined): void {
    const uri = document?.languageId === "python" ? document.uri : undefined;
    const folder = uri === undefined ? undefined : vscode.workspace.getWorkspaceFolder(uri)?.uri;
    if (folder !== undefined && !this.seen.has(folder.toString())) {
      this.seen.add(folder.toString());
      this.starts.fire(folder);
    }
  }
}
