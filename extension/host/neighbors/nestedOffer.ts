/**
 * Offers to list nested projects in a setting of Python Environments: only so can they have environments of their own
 * there.
 */
import * as vscode from "vscode";

import { PIP_MANAGER, VENV_MANAGER } from "../../core/neighbors.ts";
import { nestedRoots, type Project, PROJECTS, projectsQuestion, SECTION, unnamedProjects, withProjects } from "../../core/nestedSettings.ts";
import { confirmed } from "../../core/publish.ts";
import { OneQueued } from "../../core/queue.ts";
import type { NestedProjects } from "../nestedProjects.ts";
import { workspaceFolders } from "../places.ts";
import type { Services } from "../services.ts";

/** Answers about projects come one by one: wait this long to ask about all of them. */
const COLLECT_MS = 1_000;

/** The key of the workspace's memory that holds the folders whose user answered "Not Now". */
const DECLINED_KEY = "nestedProjectsDeclined";

/** An open folder. */
type Folder = ReturnType<typeof workspaceFolders>[number];

/** Asks once per folder whether to list its projects in the setting, if one of them has an environment of its own. */
export class NestedOffer implements vscode.Disposable {
  private readonly services: Services;
  private readonly projects: NestedProjects;
  private readonly named: () => readonly vscode.Uri[];
  /** The folders that were asked about in this window, and of which projects. */
  private readonly shown = new Map<string, readonly string[]>();
  private readonly considering = new OneQueued(async () => this.considerAll());
  private readonly subscription: vscode.Disposable;
  private timer: NodeJS.Timeout | undefined;

  /** @param named returns the nested projects that the setting names now */
  constructor(services: Services, projects: NestedProjects, named: () => readonly vscode.Uri[]) {
    this.services = services;
    this.projects = projects;
    this.named = named;
    this.subscription = services.interpreters.onDidChange(({ answer, origin }) => {
      if (origin !== "one-shot" && !workspaceFolders().some(({ path }) => path === answer.root)) {
        this.soon();
      }
    });
    this.soon();
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.subscription.dispose();
  }

  private soon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.considering.request().catch((error: unknown) => {
        this.services.log.debug(`Nested projects are not looked at: ${String(error)}`);
      });
    }, COLLECT_MS);
  }

  private async considerAll(): Promise<void> {
    for (const folder of vscode.workspace.isTrusted ? workspaceFolders() : []) {
      if (!this.declined().includes(folder.uri) && (await this.unnamed(folder)).length > 0) {
        // Asked about one by one as their files are opened, they would be many questions.
        await this.projects.search();
        const roots = await this.unnamed(folder);
        const before = this.shown.get(folder.uri) ?? [];
        if (roots.some((root) => !before.includes(root))) {
          this.shown.set(folder.uri, roots);
          void this.ask(folder, roots);
        }
      }
    }
  }

  /** Return the roots of the projects in a folder that are known and have another environment than they would there. */
  private async unnamed({ path, uri }: Folder): Promise<readonly string[]> {
    const { interpreters } = this.services;
    if (interpreters.get(uri)?.provisional !== false) {
      return [];
    }
    const known = interpreters.all().map(({ root }) => root);
    const places = nestedRoots(process.platform, path, known)
      .filter((root) => vscode.workspace.getWorkspaceFolder(vscode.Uri.file(root))?.uri.toString() === uri)
      .map((root) => ({ root, uri: vscode.Uri.file(root).toString() }));
    await interpreters.resolveAll(places.map((place) => place.uri));
    const projectAt = (place: { readonly root: string; readonly uri: string }): Project => {
      const answer = interpreters.get(place.uri);
      return { root: place.root, environment: answer === undefined ? undefined : confirmed(answer) };
    };
    const named = this.named().map(({ fsPath }) => fsPath);
    return unnamedProjects(process.platform, projectAt({ root: path, uri }), places.map(projectAt), named);
  }

  private async ask(folder: Folder, roots: readonly string[]): Promise<void> {
    const add = vscode.l10n.t("Add to Settings");
    const notNow = vscode.l10n.t("Not Now");
    const question = projectsQuestion(process.platform, folder.path, roots);
    const choice = await vscode.window.showInformationMessage(question, add, notNow);
    if (choice === add) {
      await write(folder, roots);
    } else if (choice === notNow) {
      await this.services.context.workspaceState.update(DECLINED_KEY, [...this.declined(), folder.uri]);
    }
  }

  private declined(): readonly string[] {
    return this.services.context.workspaceState.get<readonly string[]>(DECLINED_KEY, []);
  }
}

async function write({ path, uri }: Folder, roots: readonly string[]): Promise<void> {
  const settings = vscode.workspace.getConfiguration(SECTION, vscode.Uri.parse(uri, true));
  const manager = (setting: string, fallback: string): string => {
    const id = settings.get<unknown>(setting);
    return typeof id === "string" && id !== "" ? id : fallback;
  };
  const entries = withProjects(process.platform, settings.get<unknown>(PROJECTS), path, roots, {
    envManager: manager("defaultEnvManager", VENV_MANAGER),
    packageManager: manager("defaultPackageManager", PIP_MANAGER),
  });
  const { Workspace, WorkspaceFolder } = vscode.ConfigurationTarget;
  try {
    await settings.update(PROJECTS, entries, vscode.workspace.workspaceFile === undefined ? Workspace : WorkspaceFolder);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    await vscode.window.showErrorMessage(vscode.l10n.t("The setting was not written: {0}", why));
  }
}
