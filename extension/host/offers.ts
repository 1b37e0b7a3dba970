/** What is said unasked: that a folder has no environment, or that its list needs a decision. */
import { basename } from "node:path";

import * as vscode from "vscode";

import { type Offer, offerFor, offerKey } from "../core/offers.ts";
import type { Answer } from "../protocol.ts";
import type { Interpreters } from "./interpreters.ts";
import { workspaceFolders } from "./places.ts";
import { isAboutPython } from "./pythonPlaces.ts";

const DECLINED_KEY = "offersDeclined";

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

  private async consider(answer: Answer): Promise<void> {
    const python = await isAboutPython(answer);
    const said = (key: string): boolean => this.said.has(key) || this.declined().includes(key);
    const offer = offerFor(answer, { python, said });
    if (offer.kind !== "nothing") {
      this.said.add(offerKey(offer));
      await (offer.kind === "create" ? this.offerCreate(offer, answer) : this.ask(offer, answer));
    }
  }

  private async offerCreate(offer: Offer & { kind: "create" }, answer: Answer): Promise<void> {
    const create = "Create Environment";
    const select = "Select Interpreter";
    const later = "Not Now";
    const message = `No Python environment in ${basename(offer.root)}.`;
    const choices = vscode.workspace.isTrusted ? [create, select, later] : [select, later];
    const choice = await vscode.window.showInformationMessage(message, ...choices);
    if (choice === create) {
      await run("pythonWorkflow.createEnvironment", answer);
    } else if (choice === select) {
      await run("pythonWorkflow.selectInterpreter", answer);
    } else if (choice === later) {
      await this.memory.update(DECLINED_KEY, [...this.declined(), offerKey(offer)]);
    }
  }

  private async ask(offer: Offer & { kind: "ask" }, answer: Answer): Promise<void> {
    const select = "Select Interpreter";
    const why = "Why?";
    const choice = await vscode.window.showWarningMessage(offer.message, select, why);
    if (choice !== undefined) {
      const command = choice === select ? "selectInterpreter" : "whyInterpreter";
      await run(`pythonWorkflow.${command}`, answer);
    }
  }

  private declined(): readonly string[] {
    return this.memory.get<readonly string[]>(DECLINED_KEY, []);
  }
}

async function run(command: string, answer: Answer): Promise<void> {
  await vscode.commands.executeCommand(command, vscode.Uri.parse(answer.uri, true));
}
