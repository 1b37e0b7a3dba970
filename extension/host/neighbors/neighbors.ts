/** Finds the activated extensions that select Python environments, and syncs selections with each. */
import { isDeepStrictEqual } from "node:util";

import * as vscode from "vscode";

import { PYTHON, PYTHON_ENVIRONMENTS, neighborsToSync, type SyncedNeighbor } from "../../core/neighbors.ts";
import type { NestedProjects } from "../nestedProjects.ts";
import type { Services } from "../services.ts";
import { SelectionSync } from "./selectionSync.ts";
import type { Neighbor } from "./neighbor.ts";
import { meetPython } from "./python.ts";
import { meetPythonEnvironments } from "./pythonEnvironments.ts";

/** VS Code does not report when an extension is activated: look again this often. */
const LOOK_MS = 1_000;
const SETTING = "useEnvironmentsExtension";

const MEET: Readonly<Record<string, (exported: unknown, services: Services, projects: NestedProjects) => Neighbor>> = {
  [PYTHON]: meetPython,
  [PYTHON_ENVIRONMENTS]: meetPythonEnvironments,
};

/** Sync selections with the installed neighbors; do nothing without any. */
export function registerNeighbors(services: Services, projects: NestedProjects): vscode.Disposable {
  return vscode.Disposable.from(new Neighbors(services, projects));
}

/** It activates no extension: while one is not activated, nothing uses its selection. */
class Neighbors implements vscode.Disposable {
  private readonly services: Services;
  private readonly projects: NestedProjects;
  private readonly met = new Map<string, { readonly target: SyncedNeighbor; readonly sync: SelectionSync | undefined }>();
  private readonly subscriptions: vscode.Disposable;
  private timer: NodeJS.Timeout | undefined;

  constructor(services: Services, projects: NestedProjects) {
    this.services = services;
    this.projects = projects;
    const look = (): void => {
      this.look();
    };
    this.subscriptions = vscode.Disposable.from(
      // With the helper's first answers, and when trust is granted: before that there is nothing to hand over.
      services.interpreters.onDidRefresh(look),
      vscode.extensions.onDidChange(look),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(`python.${SETTING}`)) {
          this.look();
        }
      }),
    );
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.subscriptions.dispose();
    for (const { sync } of this.met.values()) {
      sync?.dispose();
    }
  }

  private look(): void {
    clearTimeout(this.timer);
    const there = vscode.workspace.isTrusted ? neighborsToSync(installed()) : [];
    for (const [id, { sync, target }] of this.met) {
      if (!there.some((one) => isDeepStrictEqual(one, target))) {
        sync?.dispose();
        this.met.delete(id);
      }
    }
    const asleep = there.filter((target) => !this.met.has(target.id) && !this.meet(target));
    if (asleep.length > 0) {
      this.timer = setTimeout(() => {
        this.look();
      }, LOOK_MS);
    }
  }

  /** Connect to an extension if it is activated; return whether it is. */
  private meet(target: SyncedNeighbor): boolean {
    const { id, isFollowed } = target;
    const extension = vscode.extensions.getExtension<unknown>(id);
    if (extension?.isActive !== true) {
      return false;
    }
    const { log } = this.services;
    let sync: SelectionSync | undefined;
    try {
      const neighbor = MEET[id]?.(extension.exports, this.services, this.projects);
      sync = neighbor === undefined ? undefined : new SelectionSync(neighbor, this.services, isFollowed);
    } catch (error) {
      log.warn(`${id} is left alone: ${String(error)}`);
    }
    this.met.set(id, { target, sync });
    return true;
  }
}

function installed(): Parameters<typeof neighborsToSync>[0] {
  const scopes = [undefined, ...(vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri)];
  const values = scopes.map((scope) =>
    vscode.workspace.getConfiguration("python", scope).inspect<boolean>(SETTING),
  );
  return {
    has: (id) => vscode.extensions.getExtension(id) !== undefined,
    delegates: vscode.workspace.getConfiguration("python").get<boolean>(SETTING),
    // As Python Environments reads it: one folder is enough.
    refused: values.some((value) =>
      [value?.globalValue, value?.workspaceValue, value?.workspaceFolderValue].includes(false),
    ),
  };
}
