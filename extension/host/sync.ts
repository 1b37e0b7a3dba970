/** "Check Environment", "Sync Environment", and the quiet hint that an environment fell behind its lock. */
import * as vscode from "vscode";

import { Check, type CheckResult, type EnvironmentParams, Sync } from "../acts.ts";
import type { HelperClient } from "../core/client.ts";
import { behind, checkTold, syncTold } from "../core/syncMessages.ts";
import { isInside } from "../core/paths.ts";
import { environmentOf } from "../core/commandTarget.ts";
import type { Answer, Environment } from "../protocol.ts";
import type { Commands } from "./commands.ts";
import type { Interpreters } from "./interpreters.ts";
import { workspaceFolders } from "./places.ts";
import { withProgress } from "./progress.ts";
import { isTrustedTo, tellOfTrust } from "./restricted.ts";

/** Files that an environment is kept in sync with. */
const LOCKS = "**/{uv.lock,pdm.lock,poetry.lock,Pipfile,Pipfile.lock,pixi.lock,pylock*.toml,pyproject.toml,requirements*.txt}";
/** A tool writes its files one after the other, and a person saves more than once. */
const REST_MS = 2_000;
const SYNC = vscode.l10n.t("Sync Environment");
const RECREATE = vscode.l10n.t("Recreate");

/** Knows which environments fell behind, and brings them into step. */
export class EnvironmentSync implements vscode.Disposable {
  private readonly helper: HelperClient;
  private readonly interpreters: Interpreters;
  private readonly log: vscode.LogOutputChannel;
  private readonly found = new Map<string, string>();
  private readonly changes = new vscode.EventEmitter<void>();
  private readonly subscriptions: vscode.Disposable;
  private readonly due = new Map<string, NodeJS.Timeout>();
  private last: Promise<unknown> = Promise.resolve();

  /** Fires when an environment fell behind, or is in sync again. */
  readonly onDidChange = this.changes.event;

  constructor(helper: HelperClient, interpreters: Interpreters, log: vscode.LogOutputChannel) {
    this.helper = helper;
    this.interpreters = interpreters;
    this.log = log;
    const watcher = vscode.workspace.createFileSystemWatcher(LOCKS);
    const changed = (file: vscode.Uri): void => {
      for (const answer of this.checked().filter(({ root }) => isInside(process.platform, root, file.fsPath))) {
        this.soon(answer.uri);
      }
    };
    this.subscriptions = vscode.Disposable.from(
      watcher,
      watcher.onDidChange(changed),
      watcher.onDidCreate(changed),
      watcher.onDidDelete(changed),
      interpreters.onDidChange(({ answer, origin }) => {
        if (origin !== "one-shot" && this.checked().some(({ uri }) => uri === answer.uri)) {
          this.soon(answer.uri);
        }
      }),
      this.changes,
    );
  }

  /** "Check Environment" and "Sync Environment". */
  register(commands: Commands): vscode.Disposable {
    return vscode.Disposable.from(
      commands.about("checkEnvironment", async (place, row) => this.check(place, environmentOf(row))),
      commands.about("syncEnvironment", async (place, row) => this.sync(place, environmentOf(row))),
    );
  }

  /** What the environment of a root lacks, where it fell behind. */
  behind(root: string): string | undefined {
    return this.found.get(root);
  }

  /**
   * Tells in one look whether the environment is up to date. Rejects with HelperError.
   *
   * @param environment one of the place's; the one in use unless given
   */
  async check(place: vscode.Uri, environment?: Environment): Promise<void> {
    const about = aboutOne(place, environment);
    const answer = await this.interpreters.resolve(about.uri);
    const name = environment?.name ?? nameOf(answer);
    const checked = await this.look(about, name);
    if (environment?.default !== false) {
      this.note(answer.root, behind(checked));
    }
    const told = checkTold(checked, name);
    if (checked.state === "unknown" && !vscode.workspace.isTrusted) {
      await tellOfTrust(told.text);
    } else if (!told.mend) {
      await vscode.window.showInformationMessage(told.text);
    } else {
      const button = checked.recreate ? RECREATE : SYNC;
      if ((await vscode.window.showWarningMessage(told.text, button)) === button) {
        await this.sync(place, environment);
      }
    }
  }

  /**
   * Brings the environment into step; a broken one, or one of a Python that the project does not allow, is recreated if the user
   * agrees. Rejects with HelperError or Cancelled.
   *
   * @param environment one of the place's; the one in use unless given
   */
  async sync(place: vscode.Uri, environment?: Environment): Promise<void> {
    if (!(await isTrustedTo("change"))) {
      return;
    }
    const about = aboutOne(place, environment);
    const answer = await this.interpreters.resolve(about.uri);
    const name = environment?.name ?? nameOf(answer);
    const checked = await this.look(about, name);
    const { recreate } = checked;
    if (recreate && !(await agrees(checkTold(checked, name).text))) {
      return;
    }
    const title = recreate ? vscode.l10n.t("Recreating {0}", name) : vscode.l10n.t("Syncing {0}", name);
    const done = await withProgress(this.helper, Sync, { ...about, recreate }, title);
    if (environment?.default !== false) {
      this.note(answer.root, undefined);
    }
    await this.interpreters.refresh();
    void vscode.window.showInformationMessage(syncTold(done, name));
  }

  dispose(): void {
    for (const timer of this.due.values()) {
      clearTimeout(timer);
    }
    this.subscriptions.dispose();
  }

  /** Checks for a person who waits. */
  private async look(about: EnvironmentParams, name: string): Promise<CheckResult> {
    return withProgress(this.helper, Check, about, vscode.l10n.t("Checking {0}", name));
  }

  /** The answers whose environments are looked after unasked: of the folders, and of the projects in them, one a root. */
  private checked(): readonly Answer[] {
    if (!vscode.workspace.isTrusted) {
      return [];
    }
    const open = workspaceFolders();
    const found = new Map<string, Answer>();
    const asked = [...open.flatMap(({ uri }) => this.interpreters.get(uri) ?? []), ...this.interpreters.all()];
    for (const answer of asked) {
      const works = answer.environment?.status.state === "ok" && answer.environment.source !== "script" && answer.own && !answer.provisional;
      const isOpen = open.some(({ path }) => isInside(process.platform, path, answer.root));
      if (works && isOpen && !found.has(answer.root)) {
        found.set(answer.root, answer);
      }
    }
    return [...found.values()];
  }

  private soon(uri: string): void {
    clearTimeout(this.due.get(uri));
    const look = async (): Promise<void> => {
      this.due.delete(uri);
      try {
        const root = this.interpreters.get(uri)?.root;
        // One at a time: there may be a hundred, and a tool may have to be asked about each.
        const asked = this.last.then(async () => this.helper.request(Check, { uri }));
        this.last = asked.catch(() => undefined);
        const checked = await asked;
        if (root !== undefined) {
          this.note(root, behind(checked));
        }
      } catch (error) {
        this.log.debug(`${uri} could not be checked: ${String(error)}`);
      }
    };
    this.due.set(uri, setTimeout(() => void look(), REST_MS));
  }

  private note(root: string, what: string | undefined): void {
    if (this.found.get(root) === what) {
      return;
    }
    if (what === undefined) {
      this.found.delete(root);
    } else {
      this.found.set(root, what);
    }
    this.changes.fire();
  }
}

function aboutOne(place: vscode.Uri, environment: Environment | undefined): EnvironmentParams {
  const uri = place.toString();
  return environment === undefined ? { uri } : { uri, environment: environment.prefix };
}

function nameOf(answer: Answer): string {
  return answer.environment?.name ?? vscode.l10n.t("the environment");
}

async function agrees(reason: string): Promise<boolean> {
  const options = { modal: true, detail: vscode.l10n.t("Its packages will be deleted and reinstalled.") };
  return (await vscode.window.showWarningMessage(reason, options, RECREATE)) === RECREATE;
}
