/** The Python extension, `ms-python.python`, by its public API. */
import { isAbsolute } from "node:path";

import * as vscode from "vscode";

import type { Environment } from "../../protocol.ts";
import { familiar, type Neighbour, type NeighbourChange } from "./neighbour.ts";

/** What is used of `environments` in what it exports. */
interface Environments {
  /** `path` may be a bare `python` where nothing is selected. */
  getActiveEnvironmentPath(resource: vscode.Uri): { readonly path: string };
  /** Kept with the workspace folder in the extension's own memory; no setting is written. */
  updateActiveEnvironmentPath(environment: string, resource: vscode.Uri): Promise<void>;
  onDidChangeActiveEnvironmentPath(
    listener: (change: { readonly resource: vscode.Uri | vscode.WorkspaceFolder | undefined }) => void,
  ): vscode.Disposable;
}

/** Talks to the Python extension. Throws {@link Unfamiliar}. */
export function meetPython(exported: unknown): Neighbour {
  const offered = (exported as { readonly environments?: unknown } | undefined)?.environments;
  return new Python(
    familiar<Environments>(offered, [
      "getActiveEnvironmentPath",
      "updateActiveEnvironmentPath",
      "onDidChangeActiveEnvironmentPath",
    ]),
  );
}

class Python implements Neighbour {
  readonly name = "Python";
  readonly insists = false;
  private readonly environments: Environments;
  private readonly changes = new vscode.EventEmitter<NeighbourChange | undefined>();
  private readonly subscription: vscode.Disposable;

  readonly onDidChange = this.changes.event;

  constructor(environments: Environments) {
    this.environments = environments;
    this.subscription = environments.onDidChangeActiveEnvironmentPath(({ resource }) => {
      const place = resource !== undefined && "uri" in resource ? resource.uri : resource;
      this.changes.fire(place === undefined ? undefined : { place, before: null });
    });
  }

  async selected(place: vscode.Uri): Promise<string | undefined> {
    const { path } = await Promise.resolve(this.environments.getActiveEnvironmentPath(place));
    return isAbsolute(path) ? path : undefined;
  }

  async hand(folder: vscode.Uri, { interpreter_path: path, prefix }: Environment): Promise<void> {
    await this.environments.updateActiveEnvironmentPath(path ?? prefix, folder);
  }

  dispose(): void {
    this.subscription.dispose();
    this.changes.dispose();
  }
}
