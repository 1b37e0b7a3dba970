/** The Python Environments extension, `ms-python.vscode-python-envs`: one of its managers is ours. */
import * as vscode from "vscode";

import type { Environment } from "../../protocol.ts";
import type { Parts } from "../parts.ts";
import { Manager } from "./manager.ts";
import { familiar, type Neighbour, type NeighbourChange } from "./neighbour.ts";
import { pathOf, type PythonEnvironmentsApi } from "./pythonEnvironmentsApi.ts";

/** Registers as an environment manager, and talks to the extension. Throws {@link Unfamiliar}, and what it throws. */
export function meetPythonEnvironments(exported: unknown, parts: Parts): Neighbour {
  const api = familiar<PythonEnvironmentsApi>(exported, [
    "registerEnvironmentManager",
    "createPythonEnvironmentItem",
    "setEnvironment",
    "getEnvironment",
    "onDidChangeEnvironment",
  ]);
  return new PythonEnvironments(api, parts);
}

class PythonEnvironments implements Neighbour {
  readonly name = "Python Environments";
  /** It makes its first choice once its own managers are there, whatever was selected before. */
  readonly insists = true;
  private readonly api: PythonEnvironmentsApi;
  private readonly manager: Manager;
  private readonly changes = new vscode.EventEmitter<NeighbourChange | undefined>();
  private readonly subscriptions: vscode.Disposable;

  readonly onDidChange = this.changes.event;

  constructor(api: PythonEnvironmentsApi, parts: Parts) {
    this.api = api;
    this.manager = new Manager(api, parts);
    this.subscriptions = vscode.Disposable.from(
      this.manager,
      api.registerEnvironmentManager(this.manager, { extensionId: parts.context.extension.id }),
      api.onDidChangeEnvironment(({ old, uri }) => {
        this.changes.fire(uri === undefined ? undefined : { place: uri, before: pathOf(old) });
      }),
      this.changes,
    );
  }

  async selected(place: vscode.Uri): Promise<string | undefined> {
    // While it has one of ours selected, it still has the one before.
    await this.manager.idle();
    return pathOf(await this.api.getEnvironment(place));
  }

  async hand(folder: vscode.Uri, environment: Environment): Promise<void> {
    await this.api.setEnvironment(folder, this.manager.item(environment));
  }

  dispose(): void {
    this.subscriptions.dispose();
  }
}
