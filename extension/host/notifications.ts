/**
 * Shows notifications without being asked: a folder has no environment, a person must choose one of several, or a workflow failed.
 */
import { homedir } from "node:os";
import { basename } from "node:path";

import * as vscode from "vscode";

import { createMessage, type Notice, noticeKey, noticesFor } from "../core/notices.ts";
import { shortenHome } from "../core/paths.ts";
import type { Answer } from "../protocol.ts";
import type { Interpreters } from "./interpreters.ts";
import { workspaceFolders } from "./places.ts";
import { isAboutPython } from "./pythonPlaces.ts";

/** Answers about several folders come one by one: wait this long to show them in one notification. */
const COLLECT_MS = 1_000;

const DECLINED_KEY = "offersDeclined";

/** A button that runs a command of this extension. */
interface CommandButton {
  readonly title: string;
  readonly command: string;
}

const CREATE: CommandButton = { title: vscode.l10n.t("Create Environment"), command: "createEnvironment" };
const SELECT: CommandButton = { title: vscode.l10n.t("Select Interpreter"), command: "selectInterpreter" };
const WHY: CommandButton = { title: vscode.l10n.t("Why?"), command: "whyInterpreter" };
const SHOW_LOG: CommandButton = { title: vscode.l10n.t("Show Log"), command: "showLog" };

/** Shows each notification about a root once; "Not Now" holds for the workspace. */
export class Notifications implements vscode.Disposable {
  private readonly interpreters: Interpreters;
  private readonly memory: vscode.Memento;
  private readonly shownKeys = new Set<string>();
  private readonly subscription: vscode.Disposable;
  private pendingCreateOffers = new Map<string, Answer>();
  private collectTimer: NodeJS.Timeout | undefined;

  /** @param memory the memory of this workspace */
  constructor(interpreters: Interpreters, memory: vscode.Memento) {
    this.interpreters = interpreters;
    this.memory = memory;
    this.subscription = interpreters.onDidChange(({ answer, origin }) => {
      // The server's answer follows a one-shot one, and knows what to offer.
      if (origin !== "one-shot" && workspaceFolders().some((folder) => folder.uri === answer.uri)) {
        void this.consider(answer);
      }
    });
  }

  dispose(): void {
    clearTimeout(this.collectTimer);
    this.subscription.dispose();
  }

  /** Suppress the offer to create an environment for a root whose environment the user just deleted. */
  suppressCreateOffer(root: string): void {
    this.shownKeys.add(noticeKey({ kind: "create", root }));
  }

  private async consider(answer: Answer): Promise<void> {
    const hasPythonFiles = await isAboutPython(answer);
    const isDone = (key: string): boolean => this.shownKeys.has(key) || this.declined().includes(key);
    await Promise.all(
      noticesFor(answer, { hasPythonFiles, isDone }).map(async (notice) => {
        this.shownKeys.add(noticeKey(notice));
        await this.show(notice, answer);
      }),
    );
  }

  private async show(notice: Notice, answer: Answer): Promise<void> {
    switch (notice.kind) {
      case "create":
        this.pendingCreateOffers.set(noticeKey(notice), answer);
        clearTimeout(this.collectTimer);
        this.collectTimer = setTimeout(() => void this.offerCreate(), workspaceFolders().length > 1 ? COLLECT_MS : 0);
        return;
      case "ask":
        return warn(notice.message, answer, [SELECT, WHY]);
      case "trouble":
        return warn(notice.message, answer, [WHY, SHOW_LOG]);
    }
  }

  /** Offer to create an environment, once for all folders that have none. */
  private async offerCreate(): Promise<void> {
    const offers = this.pendingCreateOffers;
    this.pendingCreateOffers = new Map();
    // An environment may have been created, or selected, meanwhile.
    const answers = [...offers.values()].filter(({ uri }) => this.interpreters.get(uri)?.offer_create !== false);
    if (answers.length === 0) {
      return;
    }
    const notNow = vscode.l10n.t("Not Now");
    const message = createMessage(answers.map(({ root }) => basename(root)));
    const choices = vscode.workspace.isTrusted ? [CREATE.title, SELECT.title, notNow] : [SELECT.title, notNow];
    const choice = await vscode.window.showInformationMessage(message, ...choices);
    if (choice === notNow) {
      await this.memory.update(DECLINED_KEY, [...this.declined(), ...offers.keys()]);
    } else if (choice !== undefined) {
      const answer = await pickFolder(answers, choice);
      await (answer === undefined ? undefined : run(choice === CREATE.title ? CREATE : SELECT, answer));
    }
  }

  private declined(): readonly string[] {
    return this.memory.get<readonly string[]>(DECLINED_KEY, []);
  }
}

/** Ask for a folder, where there are several. */
async function pickFolder(answers: readonly Answer[], title: string): Promise<Answer | undefined> {
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

/** Show a warning with a button for each command, and run the chosen command. */
async function warn(message: string, answer: Answer, buttons: readonly CommandButton[]): Promise<void> {
  const titles = buttons.map(({ title }) => title);
  const choice = await vscode.window.showWarningMessage(message, ...titles);
  const chosen = buttons.find(({ title }) => title === choice);
  if (chosen !== undefined) {
    await run(chosen, answer);
  }
}

async function run({ command }: CommandButton, answer: Answer): Promise<void> {
  await vscode.commands.executeCommand(`pythonWorkflow.${command}`, vscode.Uri.parse(answer.uri, true));
}
