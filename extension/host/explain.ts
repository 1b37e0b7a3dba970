/** "Why This Interpreter?": the trail as a rendered document that is updated with the answer. */
import { homedir } from "node:os";

import * as vscode from "vscode";

import type { HelperClient } from "../core/client.ts";
import { noTrailDocument, trailDocument } from "../core/explanation.ts";
import { Explain } from "../protocol.ts";
import type { Interpreters } from "./interpreters.ts";
import type { Services } from "./services.ts";
import { explainedPlace, openPreviews, setPreviewed, WHY_SCHEME, whyUri } from "./places.ts";

/** "Why This Interpreter?". */
export function registerWhy({ commands, helper, interpreters }: Services): vscode.Disposable {
  const documents = new WhyDocuments(helper, interpreters);
  const command = commands.about("whyInterpreter", async (place) => documents.show(place));
  return vscode.Disposable.from(documents, command);
}

/** Provides the documents, and updates open ones when their answer changes. */
class WhyDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly helper: HelperClient;
  private readonly interpreters: Interpreters;
  private readonly changes = new vscode.EventEmitter<vscode.Uri>();
  private readonly shown = new Set<string>();
  private readonly subscriptions: vscode.Disposable;

  readonly onDidChange = this.changes.event;

  constructor(helper: HelperClient, interpreters: Interpreters) {
    this.helper = helper;
    this.interpreters = interpreters;
    this.subscriptions = vscode.Disposable.from(
      this.changes,
      vscode.workspace.registerTextDocumentContentProvider(WHY_SCHEME, this),
      interpreters.onDidChange(({ answer }) => {
        void this.renew(whyUri(vscode.Uri.parse(answer.uri, true)));
      }),
      interpreters.onDidRefresh(() => {
        this.renewAll();
      }),
    );
  }

  /** Open the document of a place. */
  async show(place: vscode.Uri): Promise<void> {
    const uri = whyUri(place);
    this.changes.fire(uri);
    this.shown.add(uri.toString());
    try {
      // One that is open may have lost an update while it loaded, or its document: a new one has neither.
      await vscode.window.tabGroups.close(openPreviews());
      await vscode.commands.executeCommand("markdown.showPreview", uri);
      setPreviewed(place);
    } catch {
      // Whoever turned VS Code's own Markdown extension off reads the document as it is written.
      const document = await vscode.workspace.openTextDocument(uri);
      await vscode.window.showTextDocument(document, { preview: true });
    }
  }

  async provideTextDocumentContent(document: vscode.Uri): Promise<string> {
    const uri = explainedPlace(document).toString();
    try {
      const explained = await this.helper.request(Explain, { uri });
      return trailDocument(explained, this.interpreters.get(uri), {
        platform: process.platform,
        home: homedir(),
      });
    } catch (error) {
      return noTrailDocument(error instanceof Error ? error.message : String(error));
    }
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  private renewAll(): void {
    for (const uri of this.shown) {
      void this.renew(vscode.Uri.parse(uri, true));
    }
  }

  private async renew(uri: vscode.Uri): Promise<void> {
    if (!this.shown.has(uri.toString())) {
      return;
    }
    this.changes.fire(uri);
    // The editor closes a document after a while that is only previewed, and then passes the change over.
    if (openPreviews().length > 0) {
      await vscode.commands.executeCommand("markdown.preview.refresh");
    }
  }
}
