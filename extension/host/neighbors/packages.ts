/** A package manager for the Python Environments extension, for the packages of our environments. */
import * as vscode from "vscode";

import { Install, Packages as PackagesRequest, Uninstall } from "../../acts.ts";
import type { Subject } from "../../core/commandTarget.ts";
import type { Environment } from "../../protocol.ts";
import type { Services } from "../services.ts";
import { withProgress } from "../progress.ts";
import type {
  PackageManager,
  PackagesChange,
  PythonEnvironmentsApi,
  TheirEnvironment,
  TheirPackage,
} from "./pythonEnvironmentsApi.ts";

/** The environment of an item, and the folder (a uri) that it was listed for. */
export interface ItemEnvironment {
  readonly uri: string;
  readonly environment: Environment;
}

/** Lists packages, and installs and removes them through the workflow that governs. */
export class Packages implements PackageManager, vscode.Disposable {
  readonly name = "workflow";
  readonly displayName = "Python Workflow";
  private readonly api: PythonEnvironmentsApi;
  private readonly services: Services;
  private readonly resolveItem: (item: TheirEnvironment) => ItemEnvironment;
  private readonly listed = new Map<string, readonly TheirPackage[]>();
  private readonly changes = new vscode.EventEmitter<PackagesChange>();

  readonly onDidChangePackages = this.changes.event;

  /** @param resolveItem returns the environment and the folder of an item, or throws */
  constructor(api: PythonEnvironmentsApi, services: Services, resolveItem: (item: TheirEnvironment) => ItemEnvironment) {
    this.api = api;
    this.services = services;
    this.resolveItem = resolveItem;
  }

  /** Install and remove the named packages; without any, let the user choose. */
  async manage(
    item: TheirEnvironment,
    { install = [], uninstall = [] }: { readonly install?: readonly string[]; readonly uninstall?: readonly string[] },
  ): Promise<void> {
    const { environment, uri } = this.resolveItem(item);
    if (install.length === 0 && uninstall.length === 0) {
      const row: Subject = { kind: "row", uri, environment };
      await vscode.commands.executeCommand("pythonWorkflow.managePackages", row);
    }
    const acts = [
      { act: Uninstall, packages: uninstall, title: vscode.l10n.t("Uninstalling from {0}", environment.name) },
      { act: Install, packages: install, title: vscode.l10n.t("Installing into {0}", environment.name) },
    ];
    for (const { act, packages, title } of acts.filter((one) => one.packages.length > 0)) {
      await withProgress(this.services.helper, act, { uri, environment: environment.prefix, packages }, title);
    }
    await this.refresh(item);
  }

  async refresh(item: TheirEnvironment): Promise<void> {
    const before = this.listed.get(item.envId.id) ?? [];
    const now = await this.getPackages(item);
    const changes = [
      ...before.filter((pkg) => !now.includes(pkg)).map((pkg) => ({ kind: "remove" as const, pkg })),
      ...now.filter((pkg) => !before.includes(pkg)).map((pkg) => ({ kind: "add" as const, pkg })),
    ];
    if (changes.length > 0) {
      this.changes.fire({ environment: item, manager: this, changes });
    }
  }

  /**
   * Return what is installed. A package that was listed before is returned as the same object: `refresh` compares by
   * identity.
   */
  async getPackages(item: TheirEnvironment): Promise<TheirPackage[]> {
    const { environment, uri } = this.resolveItem(item);
    const { packages } = await this.services.helper.request(PackagesRequest, { uri, environment: environment.prefix });
    const before = this.listed.get(item.envId.id) ?? [];
    const now = packages.map(
      ({ name, version }) =>
        before.find((known) => known.name === name && known.version === version) ??
        this.api.createPackageItem({ name, displayName: name, version }, item, this),
    );
    this.listed.set(item.envId.id, now);
    return now;
  }

  dispose(): void {
    this.changes.dispose();
  }
}
