/** The store of all answers; everything that shows them listens here. */
import * as vscode from "vscode";

import { Answers, type Origin } from "../core/answers.ts";
import type { HelperClient } from "../core/client.ts";
import { OneQueued } from "../core/queue.ts";
import { type Answer, Explain, Resolve } from "../protocol.ts";
import { answerLine, trailLines } from "../core/explanation.ts";
import { workspaceFolders } from "./places.ts";

/** An answer that differs from the one before, and where it came from. */
export interface AnswerChange {
  readonly answer: Answer;
  readonly origin: Origin;
}

/** Keeps the answer of each place, and asks the helper where there is none. */
export class Interpreters implements vscode.Disposable {
  private readonly helper: HelperClient;
  private readonly log: vscode.LogOutputChannel;
  private readonly answers = new Answers();
  /** The last line of the log about each root. */
  private readonly loggedLines = new Map<string, string>();
  private readonly changes = new vscode.EventEmitter<AnswerChange>();
  private readonly refreshes = new vscode.EventEmitter<void>();
  private readonly refreshing = new OneQueued(async () => this.askAll());

  /** Fires with each answer that differs from the one before. */
  readonly onDidChange = this.changes.event;
  /** Fires when all answers were requested again. */
  readonly onDidRefresh = this.refreshes.event;

  constructor(helper: HelperClient, log: vscode.LogOutputChannel) {
    this.helper = helper;
    this.log = log;
  }

  /** Return the generation of a request that is sent now. */
  get generation(): number {
    return this.answers.generation;
  }

  /** Return the current answer for a place; undefined where there is none. */
  get(uri: string): Answer | undefined {
    return this.answers.get(uri);
  }

  /** Return all current answers. */
  all(): readonly Answer[] {
    return this.answers.uris().flatMap((uri) => this.answers.get(uri) ?? []);
  }

  /** Store answers that were requested in `generation`. */
  store(answers: readonly Answer[], origin: Origin, generation = this.answers.generation): void {
    for (const answer of answers) {
      if (this.answers.put(answer, origin, generation)) {
        // The first is logged with the time that it took.
        if (origin !== "one-shot") {
          this.logAnswer(answer);
        }
        this.changes.fire({ answer, origin });
        if (origin !== "one-shot") {
          void this.logTrail(answer);
        }
      }
    }
  }

  /** Return the answer for a place if it is certain, even one from before the helper was running. */
  certain(uri: string): Answer | undefined {
    return this.answers.certain(uri);
  }

  /** Return the helper's answer for a place; ask only if it has not answered yet. Rejects with HelperError. */
  async resolve(uri: string): Promise<Answer> {
    const known = this.answers.get(uri);
    if (known !== undefined && this.answers.isCurrent(uri)) {
      return known;
    }
    const { generation } = this;
    const { answers } = await this.helper.request(Resolve, { uris: [uri] });
    this.store(answers, "reply", generation);
    const [answer] = answers;
    if (answer === undefined) {
      throw new Error(`The helper did not answer about ${uri}.`);
    }
    return this.answers.get(uri) ?? answer;
  }

  /** Request answers for those places that have none, in one request. Rejects with HelperError. */
  async resolveAll(uris: readonly string[]): Promise<void> {
    const { generation } = this;
    const unknown = uris.filter((uri) => this.answers.get(uri) === undefined);
    if (unknown.length > 0) {
      const { answers } = await this.helper.request(Resolve, { uris: unknown });
      this.store(answers, "reply", generation);
    }
  }

  /** Forget the answers in folders that were closed, except in those that are open. */
  forget(closed: readonly string[]): void {
    const open = workspaceFolders().map(({ uri }) => uri);
    for (const uri of this.answers.uris()) {
      if (isBelow(uri, closed) && !isBelow(uri, open)) {
        this.answers.delete(uri);
      }
    }
  }

  /** Request all answers again, after something that they depend on has changed. Failures are logged. */
  async refresh(): Promise<void> {
    this.answers.begin();
    return this.refreshing.request();
  }

  dispose(): void {
    this.changes.dispose();
    this.refreshes.dispose();
  }

  /** Log the answer for a root once: all its files have the same one, and the first was logged with its time. */
  private logAnswer(answer: Answer): void {
    const line = answerLine(answer);
    const before = this.loggedLines.get(answer.root);
    this.loggedLines.set(answer.root, line);
    if (line !== before) {
      this.log.info(line);
    }
  }

  private async askAll(): Promise<void> {
    const { generation } = this;
    const uris = new Set([...workspaceFolders().map((folder) => folder.uri), ...this.answers.uris()]);
    try {
      if (uris.size > 0) {
        const { answers } = await this.helper.request(Resolve, { uris: [...uris] });
        this.store(answers, "reply", generation);
      }
      this.refreshes.fire();
    } catch (error) {
      this.log.error(error instanceof Error ? error : String(error));
    }
  }

  private async logTrail(answer: Answer): Promise<void> {
    if (this.log.logLevel === vscode.LogLevel.Off || this.log.logLevel > vscode.LogLevel.Debug) {
      return;
    }
    try {
      const { trail } = await this.helper.request(Explain, { uri: answer.uri });
      for (const line of trailLines(trail)) {
        this.log.debug(`  ${line}`);
      }
    } catch (error) {
      this.log.debug(`No trail for ${answer.uri}: ${String(error)}`);
    }
  }
}

function isBelow(uri: string, folders: readonly string[]): boolean {
  return folders.some((folder) => uri === folder || uri.startsWith(folder.endsWith("/") ? folder : `${folder}/`));
}
