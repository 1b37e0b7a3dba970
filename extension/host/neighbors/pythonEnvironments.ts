/** The Python Environments extension, `ms-python.vscode-python-envs`, in which this extension registers a manager. */
import * as vscode from "vscode";

import { askedManager, isSame } from "../../core/neighbors.ts";
import type { Environment } from "../../protocol.ts";
import type { NestedProjects } from "../nestedProjects.ts";
import type { Services } from "../services.ts";
import { Manager } from "./manager.ts";
import { NestedOffer } from "./nestedOffer.ts";
import { Packages } from "./packages.ts";
import { familiar, type Neighbor, type NeighborChange } from "./neighbor.ts";
import { pathOf, type PythonEnvironmentsApi, type TheirEnvironment } from "./pythonEnvironmentsApi.ts";

/** Register as an environment manager, and talk to the extension. Throws {@link Unfamiliar}, or what the extension throws. */
export function meetPythonEnvironments(exported: unknown, services: Services, projects: NestedProjects): Neighbor {
  const api = familiar<PythonEnvironmentsApi>(exported, [
    "registerEnvironmentManager",
    "registerPackageManager",
    "createPackageItem",
    "createPythonEnvironmentItem",
    "setEnvironment",
    "getEnvironment",
    "getPythonProjects",
    "onDidChangeEnvironment",
    "onDidChangePythonProjects",
  ]);
  return new PythonEnvironments(api, services, projects);
}

class PythonEnvironments implements Neighbor {
  readonly name = "Python Environments";
  readonly started = Promise.resolve();
  private readonly api: PythonEnvironmentsApi;
  private readonly manager: Manager;
  private readonly changes = new vscode.EventEmitter<NeighborChange | undefined>();
  private readonly starts = new vscode.EventEmitter<vscode.Uri>();
  private readonly choices = new vscode.EventEmitter<unknown>();
  private readonly subscriptions: vscode.Disposable;

  readonly onDidChange = this.changes.event;
  /** It prepares all folders when it starts. */
  readonly onDidStart = this.starts.event;
  /**
   * It searches for all environments of the machine, and then chooses for one folder after the other, which may take
   * minutes.
   */
  readonly onDidChoose = this.choices.event;

  constructor(api: PythonEnvironmentsApi, services: Services, projects: NestedProjects) {
    this.api = api;
    this.manager = new Manager(api, services);
    const packages = new Packages(api, services, (item) => this.manager.resolveItem(item));
    const options = { extensionId: services.context.extension.id };
    this.subscriptions = vscode.Disposable.from(
      packages,
      this.manager,
      api.registerPackageManager(packages, options),
      api.registerEnvironmentManager(this.manager, options),
      api.onDidChangeEnvironment(({ old, uri }) => {
        this.changes.fire(uri === undefined ? undefined : { place: uri, before: pathOf(old) });
        if (uri === undefined && old === undefined) {
          // What holds outside of the folders it chooses last.
          this.choices.fire(undefined);
        }
      }),
      api.onDidChangePythonProjects(() => {
        this.changes.fire(undefined);
      }),
      new NestedOffer(services, projects, () => this.nested()),
      this.changes,
      this.starts,
      this.choices,
    );
  }

  nested(): readonly vscode.Uri[] {
    return this.api.getPythonProjects().flatMap(({ uri }) => {
      const folder = vscode.workspace.getWorkspaceFolder(uri);
      return folder === undefined || folder.uri.toString() === uri.toString() ? [] : [uri];
    });
  }

  async selected(place: vscode.Uri): Promise<string | undefined> {
    // While it has one of ours selected, it still has the one before.
    await this.manager.idle();
    return pathOf(await this.api.getEnvironment(place));
  }

  async hand(place: vscode.Uri, environment: Environment): Promise<void> {
    const item = this.manager.item(environment, place.toString());
    await this.set(place, { ...item, envId: { ...item.envId, managerId: managerOf(place) } });
    const now = await this.selected(place);
    if (now === undefined || !isSame(process.platform, environment, now)) {
      // Their settings name a manager that is not there: then the manager of what was selected last is asked.
      await this.set(place, item);
    }
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  /**
   * Select an item without writing a setting.
   *
   * Their extension writes a setting for an item with a package manager, which it does not look for where the item has
   * a `pkgId`: then it takes it for a package.
   */
  private async set(place: vscode.Uri, item: TheirEnvironment): Promise<void> {
    const handed: TheirEnvironment & { pkgId?: unknown } = { ...item, pkgId: { id: "", managerId: "" } };
    this.manager.hand(handed);
    try {
      await this.api.setEnvironment(place, handed);
    } finally {
      // They keep it, and its packages are looked for later.
      delete handed.pkgId;
    }
  }
}

/**
 * Return the id of the manager that their extension uses for a place.
 *
 * It keeps whatever item it is given, in its own memory, and across windows the path of it. An item of ours as it is
 * would fire their event, and their getter would go on with the environment of that manager.
 */
function managerOf(place: vscode.Uri): string {
  const settings = vscode.workspace.getConfiguration("python-envs", place);
  const asked = { projects: settings.get<unknown>("pythonProjects"), manager: settings.get<unknown>("defaultEnvManager") };
  const folder = vscode.workspace.getWorkspaceFolder(place)?.uri ?? place;
  return askedManager(process.platform, asked, place.fsPath, folder.fsPath);
}
