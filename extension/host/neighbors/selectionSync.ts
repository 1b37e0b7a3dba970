/** Syncs selections between this extension and one neighbor. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

import * as vscode from "vscode";

import { type Change, isSame, Meeting } from "../../core/neighbors.ts";
import { confirmed } from "../../core/publish.ts";
import { OneQueued } from "../../core/queue.ts";
import { type Environment, Resolve } from "../../protocol.ts";
import type { Services } from "../services.ts";
import { remember } from "../picker.ts";
import { workspaceFolders } from "../places.ts";
import type { Neighbor } from "./neighbor.ts";

/** The time limit for a call of a neighbor. */
const LIMIT_MS = 10_000;
/** A neighbor that is starting may ignore what it is handed, without an error: it is handed over again after this time. */
const RETRY_MS = [1_000, 3_000, 9_000, 27_000];
const FAILED = Symbol("failed");

/** Keeps the selections of the open folders the same on both sides. */
export class SelectionSync implements vscode.Disposable {
  private readonly neighbor: Neighbor;
  private readonly services: Services;
  private readonly isFollowed: boolean;
  private readonly places = new Map<string, { readonly meeting: Meeting; readonly turns: OneQueued }>();
  private readonly said = new Set<string>();
  private readonly retries = new Set<NodeJS.Timeout>();
  private hasStarted = false;
  /** The neighbor reported that it has chosen. */
  private hasChosen = false;
  private readonly subscriptions: vscode.Disposable;

  /** @param isFollowed a person selects with the neighbor; else whatever changes there is its own doing */
  constructor(neighbor: Neighbor, services: Services, isFollowed: boolean) {
    this.neighbor = neighbor;
    this.services = services;
    this.isFollowed = isFollowed;
    this.subscriptions = vscode.Disposable.from(
      neighbor,
      services.interpreters.onDidChange(({ answer, origin }) => {
        if (origin !== "one-shot" && (isFolder(answer.uri) || this.places.has(answer.uri))) {
          this.meet(answer.uri);
        }
      }),
      services.interpreters.onDidRefresh(() => {
        this.meetAll();
      }),
      neighbor.onDidChange((change) => {
        if (change === undefined) {
          this.meetAll();
        } else if (vscode.workspace.getWorkspaceFolder(change.place) !== undefined) {
          this.meet(change.place.toString(), change.before);
        }
      }),
      neighbor.onDidStart((place) => {
        this.places.get(place.toString())?.meeting.starts();
      }),
      neighbor.onDidChoose?.(() => {
        void this.believe();
      }) ?? new vscode.Disposable(() => undefined),
    );
    const start = (): void => {
      this.hasStarted = true;
      this.meetAll();
    };
    void this.limited(async () => neighbor.started).then(start);
  }

  dispose(): void {
    this.hasStarted = false;
    this.retries.forEach(clearTimeout);
    this.subscriptions.dispose();
  }

  /** Read what the neighbor has chosen by itself; treat later changes there as the user's. */
  private async believe(): Promise<void> {
    this.hasChosen = true;
    const places = [...this.places.values()];
    await Promise.allSettled(places.map(async ({ turns }) => turns.request()));
    for (const { meeting } of places) {
      meeting.hasChosen();
    }
  }

  private meetAll(): void {
    for (const uri of [...workspaceFolders().map((folder) => folder.uri), ...this.nested()]) {
      this.meet(uri);
    }
  }

  /**
   * Compare the selections at a place, and sync them.
   *
   * @param before the neighbor's selection before, if it reported it; ignored for an open folder, whose selection was
   *   read
   */
  private meet(uri: string, before: string | undefined | null = null): void {
    if (!this.hasStarted) {
      return;
    }
    let place = this.places.get(uri);
    if (place === undefined) {
      const reportsChoice = this.neighbor.onDidChoose !== undefined && !this.hasChosen;
      const traits = { isFollowed: this.isFollowed, now: () => performance.now(), platform: process.platform, reportsChoice };
      const meeting = new Meeting(traits, isFolder(uri) ? null : before);
      place = { meeting, turns: new OneQueued(async () => this.compare(uri, meeting)) };
      this.places.set(uri, place);
    }
    place.turns.request().catch((error: unknown) => {
      this.sayOnce(`${this.neighbor.name} is left alone: ${String(error)}`);
    });
  }

  private async compare(uri: string, meeting: Meeting): Promise<void> {
    if (!vscode.workspace.isTrusted) {
      return;
    }
    const { interpreters, log } = this.services;
    const answer = await interpreters.resolve(uri);
    const place = vscode.Uri.parse(uri, true);
    if (answer.provisional) {
      return;
    }
    const here = confirmed(answer);
    const there = await this.selected(place);
    if (there === FAILED) {
      return;
    }
    const step = meeting.next(here, there);
    if (step.kind === "follow") {
      // Here, a folder below has a selection of its own only where it is a project.
      if (isFolder(uri) || answer.root === place.fsPath) {
        await this.follow(uri, step.change);
      }
      const now = interpreters.get(uri);
      meeting.followed(now === undefined ? undefined : confirmed(now));
    } else if (step.kind === "hand" && here !== undefined && this.isHanded(uri)) {
      log.info(`${this.neighbor.name} is handed ${here.interpreter_path ?? here.prefix} for ${place.fsPath}`);
      await this.hand(place, here, meeting, there);
    }
  }

  /**
   * Return whether the neighbor has a selection of its own for a place: elsewhere a hand-over would change the
   * enclosing folder.
   */
  private isHanded(uri: string): boolean {
    return isFolder(uri) || this.nested().includes(uri);
  }

  private nested(): readonly string[] {
    try {
      return this.neighbor.nested().map((uri) => uri.toString());
    } catch (error) {
      this.sayOnce(`${this.neighbor.name} failed: ${String(error)}`);
      return [];
    }
  }

  private async hand(
    place: vscode.Uri,
    here: Environment,
    meeting: Meeting,
    before: string | undefined,
  ): Promise<void> {
    const done = await this.limited(async () => this.neighbor.hand(place, here));
    const now = done === FAILED ? before : await this.selected(place);
    if (meeting.handed(here, now === FAILED ? before : now) || done === FAILED || now === FAILED) {
      return;
    }
    const wait = RETRY_MS[meeting.refusals - 1];
    if (wait === undefined) {
      this.sayOnce(`${this.neighbor.name} keeps ${now ?? "nothing"} selected for ${place.fsPath}`);
      return;
    }
    const retry = setTimeout(() => {
      this.retries.delete(retry);
      if (meeting.retry()) {
        this.meet(place.toString());
      }
    }, wait);
    this.retries.add(retry);
  }

  /** Select here what was selected there, if the user chose it. */
  private async follow(uri: string, change: Change): Promise<void> {
    const { helper, interpreters, log } = this.services;
    // What it has noticed may have changed what holds here, too.
    const { answers } = await helper.request(Resolve, { uris: [uri] });
    interpreters.store(answers, "reply");
    const own = answers[0]?.environment ?? null;
    if (own !== null && isSame(process.platform, own, change.path)) {
      return;
    }
    if (!isChoice(change)) {
      log.info(`${this.neighbor.name} went on to ${change.path}, which is not followed`);
      return;
    }
    log.info(`${this.neighbor.name} selected ${change.path}, and it is selected here, too`);
    try {
      await remember(helper, interpreters, uri, change.path);
    } catch (error) {
      log.warn(`${change.path} cannot be selected here: ${String(error)}`);
    }
  }

  private async selected(place: vscode.Uri): Promise<string | undefined | typeof FAILED> {
    return this.limited(async () => this.neighbor.selected(place));
  }

  /** Return the result of a call of the neighbor within the time limit; log a failure once. */
  private async limited<T>(act: () => Promise<T>): Promise<T | typeof FAILED> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`no answer in ${LIMIT_MS / 1000} seconds`));
      }, LIMIT_MS);
    });
    try {
      return await Promise.race([act(), late]);
    } catch (error) {
      this.sayOnce(`${this.neighbor.name} failed: ${String(error)}`);
      return FAILED;
    } finally {
      clearTimeout(timer);
    }
  }

  private sayOnce(message: string): void {
    if (!this.said.has(message)) {
      this.said.add(message);
      this.services.log.warn(message);
    }
  }
}

function isFolder(uri: string): boolean {
  return workspaceFolders().some((folder) => folder.uri === uri);
}

/**
 * Return whether the user chose the neighbor's selection. It may also have changed because the one before is gone, or
 * have fallen back to a Python of the machine.
 */
function isChoice({ agreed, before, path }: Change): boolean {
  return (before === undefined || existsSync(before)) && (agreed || isEnvironment(path));
}

function isEnvironment(path: string): boolean {
  return [path, dirname(path), dirname(dirname(path))].some(
    (folder) => existsSync(join(folder, "pyvenv.cfg")) || existsSync(join(folder, "conda-meta")),
  );
}
