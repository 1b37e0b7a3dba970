/** "Why This Interpreter?": the trail as a document that is shown rendered and follows the answer. */
import { homedir } from "node:os";

import * as vscode from "vscode";

import type { HelperClient } from "../core/client.ts";
import { noTrailDocument, trailDocument } from "../core/trail.ts";
import { Explain } from "../protocol.ts";
import type { Interpreters } from "./interpreters.ts";
import type { Parts } from "./parts.ts";
import { explainedPlace, isPreviewOpen, setPreviewed, WHY_SCHEME, whyUri } from "./places.ts";

/**
 * Milliseconds after a change when a preview is loaded anew. It throttles its own updates to one in 300 ms, drops what it is
 * asked meanwhile, and loses an update that comes while it loads.
 */
const PREVIEW_MS = 400;

/** "Why This Interpreter?". */
export function registerWhy({ commands, helper, interpreters }: Parts): vscode.Disposable {
  const documents = new WhyDocuments(helper, interpreters);
  const command = commands.about("whyInterpreter", async (place) => documents.show(place));
  return vscode.Disposable.from(documents, command);
}

/** Provides the documents, and renews those that are open when their answer changes. */
class WhyDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly helper: HelperClient;
  private readonly interpreters: Interpreters;
  private readonly changes = new vscode.EventEmitter<vscode.Uri>();
  private readonly shown = new Set<string>();
  private readonly subscriptions: vscode.Disposable;
  private timer: NodeJS.Timeout | undefined;

  readonly onDidChange = this.changes.event;

  constructor(helper: HelperClient, interpreters: Interpreters) {
    this.helper = helper;
    this.interpreters = interpreters;
    this.subscriptions = vscode.Disposable.from(
      this.changes,
      vscode.workspace.registerTextDocumentContentProvider(WHY_SCHEME, this),
      interpreters.onDidChange(({ answer }) => {
        this.renew(whyUri(vscode.Uri.parse(answer.uri, true)));
      }),
      interpreters.onDidRefresh(() => {
        this.renewAll();
      }),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (document.uri.scheme === WHY_SCHEME) {
          this.reloadPreview();
        }
      }),
    );
  }

  /** Opens the document of a place. */
  async show(place: vscode.Uri): Promise<void> {
    const uri = whyUri(place);
    this.changes.fire(uri);
    this.shown.add(uri.toString());
    const isShownAgain = isPreviewOpen();
    try {
      await vscode.commands.executeCommand("markdown.showPreview", uri);
      setPreviewed(place);
      if (isShownAgain) {
        // A preview that was hidden keeps what it showed when its document was closed under it.
        this.reloadPreview();
      }
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
    clearTimeout(this.timer);
    this.subscriptions.dispose();
  }

  private renewAll(): void {
    for (const uri of this.shown) {
      this.renew(vscode.Uri.parse(uri, true));
    }
  }

  private renew(uri: vscode.Uri): void {
    if (this.shown.has(uri.toString())) {
      this.changes.fire(uri);
      // The editor closes a document after a while that is only previewed, and then passes the change over.
      this.reloadPreview();
    }
  }

  /** Has the preview, if one is open, show what its document holds when that has come to rest. */
  private reloadPreview(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (isPreviewOpen()) {
        void vscode.commands.executeCommand("markdown.preview.refresh");
      }
    }, PREVIEW_MS);
  }
}
