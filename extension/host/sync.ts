/** "Check Environment", "Sync Environment", and the quiet hint that an environment is out of sync. */
import * as vscode from "vscode";

import { Check, type CheckResult, type EnvironmentParams, Sync } from "../acts.ts";
import type { HelperClient } from "../core/client.ts";
import { checkMessage, outOfSyncReason, syncMessage } from "../core/syncMessages.ts";
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
/** How long to wait after a change: a tool writes its files one after the other, and the user may save again. */
const REST_MS = 2_000;
const SYNC = vscode.l10n.t("Sync Environment");
const RECREATE = vscode.l10n.t("Recreate");

/** Knows which environments are out of sync, and syncs them. */
export class EnvironmentSync implements vscode.Disposable {
  private readonly helper: HelperClient;
  private readonly interpreters: Interpreters;
  private readonly log: vscode.LogOutputChannel;
  private readonly reasons = new Map<string, string>();
  private readonly changes = new vscode.EventEmitter<void>();
  private readonly subscriptions: vscode.Disposable;
  private readonly due = new Map<string, NodeJS.Timeout>();
  private last: Promise<unknown> = Promise.resolve();

  /** Fires when an environment went out of sync, or is in sync again. */
  readonly onDidChange = this.changes.event;

  constructor(helper: HelperClient, interpreters: Interpreters, log: vscode.LogOutputChannel) {
    this.helper = helper;
    this.interpreters = interpreters;
    this.log = log;
    const watcher = vscode.workspace.createFileSystemWatcher(LOCKS);
    const changed = (file: vscode.Uri): void => {
      for (const answer of this.watchedAnswers().filter(({ root }) => isInside(process.platform, root, file.fsPath))) {
        this.scheduleCheck(answer.uri);
      }
    };
    this.subscriptions = vscode.Disposable.from(
      watcher,
      watcher.onDidChange(changed),
      watcher.onDidCreate(changed),
      watcher.onDidDelete(changed),
      interpreters.onDidChange(({ answer, origin }) => {
        if (origin !== "one-shot" && this.watchedAnswers().some(({ uri }) => uri === answer.uri)) {
          this.scheduleCheck(answer.uri);
        }
      }),
      this.changes,
    );
  }

  /** Register "Check Environment" and "Sync Environment". */
  register(commands: Commands): vscode.Disposable {
    return vscode.Disposable.from(
      commands.about("checkEnvironment", async (place, row) => this.check(place, environmentOf(row))),
      commands.about("syncEnvironment", async (place, row) => this.sync(place, environmentOf(row))),
    );
  }

  /** Return why the environment of a root is out of sync; undefined where it is not known to be. */
  outOfSync(root: string): string | undefined {
    return this.reasons.get(root);
  }

  /**
   * Check whether an environment is up to date, and show the result. Rejects with HelperError.
   *
   * @param environment an environment of the place; the one in use unless given
   */
  async check(place: vscode.Uri, environment?: Environment): Promise<void> {
    const params = environmentParams(place, environment);
    const answer = await this.interpreters.resolve(params.uri);
    const name = environment?.name ?? nameOf(answer);
    const checked = await this.checkNow(params, name);
    if (environment?.default !== false) {
      this.record(answer.root, outOfSyncReason(checked));
    }
    const { canSync, text } = checkMessage(checked, name);
    if (checked.state === "unknown" && !vscode.workspace.isTrusted) {
      await tellOfTrust(text);
    } else if (!canSync) {
      await vscode.window.showInformationMessage(text);
    } else {
      const button = checked.recreate ? RECREATE : SYNC;
      if ((await vscode.window.showWarningMessage(text, button)) === button) {
        await this.sync(place, environment);
      }
    }
  }

  /**
   * Sync an environment. One that is broken, or that has a Python which the project does not allow, is recreated if the user
   * agrees. Rejects with HelperError or Cancelled.
   *
   * @param environment an environment of the place; the one in use unless given
   */
  async sync(place: vscode.Uri, environment?: Environment): Promise<void> {
    if (!(await isTrustedTo("change"))) {
      return;
    }
    const params = environmentParams(place, environment);
    const answer = await this.interpreters.resolve(params.uri);
    const name = environment?.name ?? nameOf(answer);
    const checked = await this.checkNow(params, name);
    const { recreate } = checked;
    if (recreate && !(await confirmRecreation(checkMessage(checked, name).text))) {
      return;
    }
    const title = recreate ? vscode.l10n.t("Recreating {0}", name) : vscode.l10n.t("Syncing {0}", name);
    const result = await withProgress(this.helper, Sync, { ...params, recreate }, title);
    if (environment?.default !== false) {
      this.record(answer.root, undefined);
    }
    await this.interpreters.refresh();
    void vscode.window.showInformationMessage(syncMessage(result, name));
  }

  dispose(): void {
    for (const timer of this.due.values()) {
      clearTimeout(timer);
    }
    this.subscriptions.dispose();
  }

  /** Check at the user's request, with a progress message. */
  private async checkNow(params: EnvironmentParams, name: string): Promise<CheckResult> {
    return withProgress(this.helper, Check, params, vscode.l10n.t("Checking {0}", name));
  }

  /** Return the answers whose environments are checked in the background: of the folders and the projects in them, one per root. */
  private watchedAnswers(): readonly Answer[] {
    if (!vscode.workspace.isTrusted) {
      return [];
    }
    const open = workspaceFolders();
    const found = new Map<string, Answer>();
    const answers = [...open.flatMap(({ uri }) => this.interpreters.get(uri) ?? []), ...this.interpreters.all()];
    for (const answer of answers) {
      const works = answer.environment?.status.state === "ok" && answer.environment.source !== "script" && answer.own && !answer.provisional;
      const isOpen = open.some(({ path }) => isInside(process.platform, path, answer.root));
      if (works && isOpen && !found.has(answer.root)) {
        found.set(answer.root, answer);
      }
    }
    return [...found.values()];
  }

  private scheduleCheck(uri: string): void {
    clearTimeout(this.due.get(uri));
    const check = async (): Promise<void> => {
      this.due.delete(uri);
      try {
        const root = this.interpreters.get(uri)?.root;
        // One check at a time: there may be a hundred environments, and a tool may have to run for each.
        const response = this.last.then(async () => this.helper.request(Check, { uri }));
        this.last = response.catch(() => undefined);
        const checked = await response;
        if (root !== undefined) {
          this.record(root, outOfSyncReason(checked));
        }
      } catch (error) {
        this.log.debug(`${uri} could not be checked: ${String(error)}`);
      }
    };
    this.due.set(uri, setTimeout(() => void check(), REST_MS));
  }

  private record(root: string, reason: string | undefined): void {
    if (this.reasons.get(root) === reason) {
      return;
    }
    if (reason === undefined) {
      this.reasons.delete(root);
    } else {
      this.reasons.set(root, reason);
    }
    this.changes.fire();
  }
}

function environmentParams(place: vscode.Uri, environment: Environment | undefined): EnvironmentParams {
  const uri = place.toString();
  return environment === undefined ? { uri } : { uri, environment: environment.prefix };
}

function nameOf(answer: Answer): string {
  return answer.environment?.name ?? vscode.l10n.t("the environment");
}

async function confirmRecreation(reason: string): Promise<boolean> {
  const options = { modal: true, detail: vscode.l10n.t("Its packages will be deleted and reinstalled.") };
  return (await vscode.window.showWarningMessage(reason, options, RECREATE)) === RECREATE;
}
