/** The part of the Python Environments extension's API that is used here. */
import { isAbsolute } from "node:path";

import type * as vscode from "vscode";

/** The description of an environment. */
export interface EnvironmentInfo {
  readonly name: string;
  readonly displayName: string;
  readonly shortDisplayName?: string;
  readonly displayPath: string;
  readonly version: string;
  /** Its interpreter, or its folder. */
  readonly environmentPath: vscode.Uri;
  /** How to run its Python. It has no activation commands, so nothing is typed into terminals. */
  readonly execInfo?: { readonly run: { readonly executable: string } };
  readonly sysPrefix: string;
}

/** An environment (item) of one of the managers. */
export interface TheirEnvironment extends EnvironmentInfo {
  readonly envId: { readonly id: string; readonly managerId: string };
}

/** Another environment was selected; without a `uri` for the window without a folder. */
export interface TheirChange {
  readonly uri: vscode.Uri | undefined;
  readonly old: TheirEnvironment | undefined;
  readonly new: TheirEnvironment | undefined;
}

/** An environment of a manager was added or removed. */
export interface ListChange {
  readonly kind: "add" | "remove";
  readonly environment: TheirEnvironment;
}

/** An installed package. */
export interface TheirPackage {
  readonly name: string;
  readonly version?: string;
}

/** Packages of an environment were installed or removed. */
export interface PackagesChange {
  readonly environment: TheirEnvironment;
  readonly manager: PackageManager;
  readonly changes: readonly { readonly kind: "add" | "remove"; readonly pkg: TheirPackage }[];
}

/** Lists and changes packages. */
export interface PackageManager {
  readonly name: string;
  readonly displayName: string;
  readonly onDidChangePackages: vscode.Event<PackagesChange>;
  manage(
    environment: TheirEnvironment,
    options: { readonly install?: readonly string[]; readonly uninstall?: readonly string[] },
  ): Promise<void>;
  refresh(environment: TheirEnvironment): Promise<void>;
  getPackages(environment: TheirEnvironment): Promise<TheirPackage[]>;
}

/** Creates, lists and remembers environments. */
export interface EnvironmentManager {
  readonly name: string;
  readonly displayName: string;
  readonly description?: string;
  readonly preferredPackageManagerId: string;
  readonly log?: vscode.LogOutputChannel;
  readonly onDidChangeEnvironment: vscode.Event<TheirChange>;
  readonly onDidChangeEnvironments: vscode.Event<readonly ListChange[]>;
  /** Return how to offer quick creation. */
  quickCreateConfig(): { readonly description: string; readonly detail: string };
  create(
    scope: vscode.Uri | vscode.Uri[] | "global",
    options?: { readonly quickCreate?: boolean },
  ): Promise<TheirEnvironment | undefined>;
  remove(environment: TheirEnvironment, options?: { readonly runHeadless?: boolean }): Promise<void>;
  refresh(scope: vscode.Uri | undefined): Promise<void>;
  getEnvironments(scope: vscode.Uri | "all" | "global"): Promise<TheirEnvironment[]>;
  set(scope: vscode.Uri | vscode.Uri[] | undefined, environment?: TheirEnvironment): Promise<void>;
  get(scope: vscode.Uri | undefined): Promise<TheirEnvironment | undefined>;
  resolve(context: vscode.Uri | TheirEnvironment): Promise<TheirEnvironment | undefined>;
}

/** The exported API. */
export interface PythonEnvironmentsApi {
  registerEnvironmentManager(
    manager: EnvironmentManager,
    options?: { readonly extensionId: string },
  ): vscode.Disposable;
  registerPackageManager(manager: PackageManager, options?: { readonly extensionId: string }): vscode.Disposable;
  createPackageItem(
    info: { readonly name: string; readonly displayName: string; readonly version: string },
    environment: TheirEnvironment,
    manager: PackageManager,
  ): TheirPackage;
  /** Create an item with a new id. */
  createPythonEnvironmentItem(info: EnvironmentInfo, manager: EnvironmentManager): TheirEnvironment;
  setEnvironment(scope: vscode.Uri, environment: TheirEnvironment): Promise<void>;
  getEnvironment(scope: vscode.Uri): Promise<TheirEnvironment | undefined>;
  /** Return the open folders, and the places that the setting `python-envs.pythonProjects` names. */
  getPythonProjects(): readonly { readonly uri: vscode.Uri }[];
  onDidChangeEnvironment(listener: (change: TheirChange) => void): vscode.Disposable;
  onDidChangePythonProjects(listener: () => void): vscode.Disposable;
}

/** Return the path that identifies an item: its interpreter, else its folder. */
export function pathOf(environment: TheirEnvironment | undefined): string | undefined {
  const path = environment?.execInfo?.run.executable;
  return path !== undefined && isAbsolute(path) ? path : environment?.environmentPath.fsPath;
}
