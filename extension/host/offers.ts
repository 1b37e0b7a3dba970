/** What is said unasked: that a folder has no environment, that its list needs a decision, that a workflow failed. */
import { basename } from "node:path";

import * as vscode from "vscode";

import { type Offer, offerKey, offersFor } from "../core/offers.ts";
import type { Answer } from "../protocol.ts";
import type { Interpreters } from "./interpreters.ts";
import { workspaceFolders } from "./places.ts";
import { isAboutPython } from "./pythonPlaces.ts";

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
export class Offers implements vscode.Disposable {
  private readonly memory: vscode.Memento;
  private readonly said = new Set<string>();
  private readonly subscription: vscode.Disposable;

  /** @param memory what is remembered of this workspace */
  constructor(interpreters: Interpreters, memory: vscode.Memento) {
    this.memory = memory;
    this.subscription = interpreters.onDidChange(({ answer, origin }) => {
      if (origin !== "one-shot" && workspaceFolders().some((folder) => folder.uri === answer.uri)) {
        void this.consider(answer);
      }
    });
  }

  dispose(): void {
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
        return this.offerCreate(offer, answer);
      case "ask":
        return say(offer.message, answer, [SELECT, WHY]);
      case "trouble":
        return say(offer.message, answer, [WHY, SHOW_LOG]);
    }
  }

  private async offerCreate(offer: Offer & { kind: "create" }, answer: Answer): Promise<void> {
    const later = vscode.l10n.t("Not Now");
    const message = vscode.l10n.t("No Python environment in {0}.", basename(offer.root));
    const choices = vscode.workspace.isTrusted ? [CREATE.title, SELECT.title, later] : [SELECT.title, later];
    const choice = await vscode.window.showInformationMessage(message, ...choices);
    if (choice === CREATE.title) {
      await run(CREATE, answer);
    } else if (choice === SELECT.title) {
      await run(SELECT, answer);
    } else if (choice === later) {
      await this.memory.update(DECLINED_KEY, [...this.declined(), offerKey(offer)]);
    }
  }

  private declined(): readonly string[] {
    return this.memory.get<readonly string[]>(DECLINED_KEY, []);
  }
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
