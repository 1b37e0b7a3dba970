/** "Why This Interpreter?": the trail as a read-only document that follows the answer. */
import { homedir } from "node:os";

import * as vscode from "vscode";

import type { HelperClient } from "../core/client.ts";
import { noTrailDocument, trailDocument } from "../core/trail.ts";
import { Explain } from "../protocol.ts";
import type { Interpreters } from "./interpreters.ts";
import { explainedPlace, WHY_SCHEME, whyUri } from "./places.ts";

/** Provides the documents, and renews those that are open when their answer changes. */
export class WhyDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly helper: HelperClient;
  private readonly interpreters: Interpreters;
  private readonly changes = new vscode.EventEmitter<vscode.Uri>();
  private readonly subscriptions: vscode.Disposable;

  readonly onDidChange = this.changes.event;

  constructor(helper: HelperClient, interpreters: Interpreters) {
    this.helper = helper;
    this.interpreters = interpreters;
    this.subscriptions = vscode.Disposable.from(
      this.changes,
      vscode.workspace.registerTextDocumentContentProvider(WHY_SCHEME, this),
      interpreters.onDidChange(({ answer }) => {
        this.changes.fire(whyUri(vscode.Uri.parse(answer.uri, true)));
      }),
      interpreters.onDidRefresh(() => {
        this.renewAll();
      }),
    );
  }

  /** Opens the document of a place. */
  async show(place: vscode.Uri): Promise<void> {
    const uri = whyUri(place);
    this.changes.fire(uri);
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { preview: true });
  }

  async provideTextDocumentContent(document: vscode.Uri): Promise<string> {
    const uri = explainedPlace(document).toString();
    try {
      const explained = await this.helper.request(Explain, { uri });
      return trailDocument(explained, this.interpreters.get(uri), homedir());
    } catch (error) {
      return noTrailDocument(error instanceof Error ? error.message : String(error));
    }
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  private renewAll(): void {
    for (const document of vscode.workspace.textDocuments) {
      if (document.uri.scheme === WHY_SCHEME) {
        this.changes.fire(document.uri);
      }
    }
  }
}
