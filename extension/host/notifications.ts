/** What is said unasked: that a folder has no environment, that its list needs a decision, that a workflow failed. */
import { homedir } from "node:os";
import { basename } from "node:path";

import * as vscode from "vscode";

import { createMessage, type Offer, offerKey, offersFor } from "../core/offers.ts";
import { shortenHome } from "../core/paths.ts";
import type { Answer } from "../protocol.ts";
import type { Interpreters } from "./interpreters.ts";
import { workspaceFolders } from "./places.ts";
import { isAboutPython } from "./pythonPlaces.ts";

/** Answers about several folders come one by one: they are told of together. */
const TOGETHER_MS = 1_000;

const DECLINED_KEY = "offersDeclined";

/** A command of ours, as a button says it. */
interface Named {
  readonly title: string;
  readonly command: string;
}

const CREATE: Named = { title: vscode.l10n.t("Create Environment"), command: "createEnvironment" };
const SELECT: Named = { title: vscode.l10n.t("Select Interpreter"), command: "selectInterpreter" };
const WHY: Named = { title: vscode.l10n.t("Why?"), command: "whyInterpreter" };
const SHOW_LOG: Named = { title: vscode.l10n.t("Show Log"), command: "showLog" };

/** Says each thing about each root once; "Not Now" holds for the workspace. */
export class Notifications implements vscode.Disposable {
  private readonly interpreters: Interpreters;
  private readonly memory: vscode.Memento;
  private readonly said = new Set<string>();
  private readonly subscription: vscode.Disposable;
  private waiting = new Map<string, Answer>();
  private together: NodeJS.Timeout | undefined;

  /** @param memory what is remembered of this workspace */
  constructor(interpreters: Interpreters, memory: vscode.Memento) {
    this.interpreters = interpreters;
    this.memory = memory;
    this.subscription = interpreters.onDidChange(({ answer, origin }) => {
      if (origin !== "one-shot" && workspaceFolders().some((folder) => folder.uri === answer.uri)) {
        void this.consider(answer);
      }
    });
  }

  dispose(): void {
    clearTimeout(this.together);
    this.subscription.dispose();
  }

  /** Does not offer to make an environment for a root: its user knows that it has none, for having just deleted it. */
  knowsOfNone(root: string): void {
    this.said.add(offerKey({ kind: "create", root }));
  }

  private async consider(answer: Answer): Promise<void> {
    const python = await isAboutPython(answer);
    const said = (key: string): boolean => this.said.has(key) || this.declined().includes(key);
    await Promise.all(
      offersFor(answer, { python, said }).map(async (offer) => {
        this.said.add(offerKey(offer));
        await this.make(offer, answer);
      }),
    );
  }

  private async make(offer: Offer, answer: Answer): Promise<void> {
    switch (offer.kind) {
      case "create":
        this.waiting.set(offerKey(offer), answer);
        clearTimeout(this.together);
        this.together = setTimeout(() => void this.offerCreate(), workspaceFolders().length > 1 ? TOGETHER_MS : 0);
        return;
      case "ask":
        return say(offer.message, answer, [SELECT, WHY]);
      case "trouble":
        return say(offer.message, answer, [WHY, SHOW_LOG]);
    }
  }

  /** Offer to create an environment, once for all folders that have none. */
  private async offerCreate(): Promise<void> {
    const offered = this.waiting;
    this.waiting = new Map();
    // One may have been created, or chosen, meanwhile.
    const answers = [...offered.values()].filter(({ uri }) => this.interpreters.get(uri)?.offer_create !== false);
    if (answers.length === 0) {
      return;
    }
    const later = vscode.l10n.t("Not Now");
    const message = createMessage(answers.map(({ root }) => basename(root)));
    const choices = vscode.workspace.isTrusted ? [CREATE.title, SELECT.title, later] : [SELECT.title, later];
    const choice = await vscode.window.showInformationMessage(message, ...choices);
    if (choice === later) {
      await this.memory.update(DECLINED_KEY, [...this.declined(), ...offered.keys()]);
    } else if (choice !== undefined) {
      const answer = await oneOf(answers, choice);
      await (answer === undefined ? undefined : run(choice === CREATE.title ? CREATE : SELECT, answer));
    }
  }

  private declined(): readonly string[] {
    return this.memory.get<readonly string[]>(DECLINED_KEY, []);
  }
}

/** Ask which folder is meant, where they are several. */
async function oneOf(answers: readonly Answer[], title: string): Promise<Answer | undefined> {
  if (answers.length < 2) {
    return answers[0];
  }
  const rows = answers.map((answer) => ({ label: basename(answer.root), detail: short(answer.root), answer }));
  const picked = await vscode.window.showQuickPick(rows, { title, placeHolder: vscode.l10n.t("Select a folder") });
  return picked?.answer;
}

function short(path: string): string {
  return shortenHome(process.platform, homedir(), path);
}

/** Warns, and runs what is chosen of `commands`. */
async function say(message: string, answer: Answer, commands: readonly Named[]): Promise<void> {
  const titles = commands.map(({ title }) => title);
  const choice = await vscode.window.showWarningMessage(message, ...titles);
  const chosen = commands.find(({ title }) => title === choice);
  if (chosen !== undefined) {
    await run(chosen, answer);
  }
}

async function run({ command }: Named, answer: Answer): Promise<void> {
  await vscode.commands.executeCommand(`pythonWorkflow.${command}`, vscode.Uri.parse(answer.uri, true));
}
