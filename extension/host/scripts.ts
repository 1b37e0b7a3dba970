/** Scripts with inline metadata: "Run" and "Debug" above their block, and diagnostics in it. */
import { basename } from "node:path";

import * as vscode from "vscode";

import { PrepareScript, Script, type ScriptProblem } from "../acts.ts";
import { blockLine, underline } from "../core/scripts.ts";
import { pythonFiles } from "./files.ts";
import type { Services } from "./services.ts";
import { withProgress } from "./progress.ts";
import { isTrustedTo } from "./restricted.ts";

/** How long to wait after an edit before the document is checked. */
const PAUSE_MS = 300;
const PYTHON: vscode.DocumentSelector = [
  { language: "python", scheme: "file" },
  { language: "python", scheme: "untitled" },
];

/** Register the code lenses, the diagnostics, and "Create Script Environment". */
export function registerScripts(services: Services): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.languages.registerCodeLensProvider(PYTHON, { provideCodeLenses: lenses }),
    new Problems(services),
    pythonFiles(services.commands, "prepareScript", async (file) => {
      if (await isTrustedTo("change")) {
        const title = vscode.l10n.t("Creating the environment of {0}", basename(file.fsPath));
        await withProgress(services.helper, PrepareScript, { uri: file.toString() }, title);
      }
    }),
    vscode.workspace.onDidSaveTextDocument((document) => {
      if (isScript(document) && document.uri.scheme === "file") {
        // From now on it may be answered for itself.
        void services.interpreters.resolve(document.uri.toString()).catch(() => undefined);
      }
    }),
  );
}

/** Return whether a document has a block of inline metadata, be it one with mistakes. */
function isScript(document: vscode.TextDocument): boolean {
  return document.languageId === "python" && blockLine(document.getText()) !== undefined;
}

function lenses(document: vscode.TextDocument): vscode.CodeLens[] {
  const line = blockLine(document.getText());
  if (line === undefined) {
    return [];
  }
  const range = new vscode.Range(line, 0, line, 0);
  const file = [document.uri];
  return [
    new vscode.CodeLens(range, {
      title: `$(play) ${vscode.l10n.t("Run Script")}`,
      tooltip: vscode.l10n.t("Run this script in its own environment, from its inline metadata"),
      command: "pythonWorkflow.runFile",
      arguments: file,
    }),
    new vscode.CodeLens(range, {
      title: `$(debug-alt) ${vscode.l10n.t("Debug Script")}`,
      tooltip: vscode.l10n.t("Debug this script in its own environment, from its inline metadata"),
      command: "pythonWorkflow.debugFile",
      arguments: file,
    }),
  ];
}

/** Shows the problems in the blocks of open documents. */
class Problems implements vscode.Disposable {
  private readonly services: Services;
  private readonly shown = vscode.languages.createDiagnosticCollection("python-workflow-scripts");
  private readonly waiting = new Map<string, NodeJS.Timeout>();
  private readonly subscriptions: vscode.Disposable;

  constructor(services: Services) {
    this.services = services;
    this.subscriptions = vscode.Disposable.from(
      this.shown,
      vscode.workspace.onDidOpenTextDocument((document) => {
        this.soon(document, 0);
      }),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        this.soon(document, PAUSE_MS);
      }),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        this.cancel(uri);
        this.shown.delete(uri);
      }),
    );
    for (const document of vscode.workspace.textDocuments) {
      this.soon(document, 0);
    }
  }

  dispose(): void {
    for (const timer of this.waiting.values()) {
      clearTimeout(timer);
    }
    this.subscriptions.dispose();
  }

  private soon(document: vscode.TextDocument, pause: number): void {
    if (document.languageId !== "python") {
      return;
    }
    this.cancel(document.uri);
    const timer = setTimeout(() => {
      this.waiting.delete(document.uri.toString());
      void this.look(document);
    }, pause);
    this.waiting.set(document.uri.toString(), timer);
  }

  private cancel(uri: vscode.Uri): void {
    clearTimeout(this.waiting.get(uri.toString()));
    this.waiting.delete(uri.toString());
  }

  private async look(document: vscode.TextDocument): Promise<void> {
    if (!isScript(document)) {
      this.shown.delete(document.uri);
      return;
    }
    const { version } = document;
    try {
      const params = { uri: document.uri.toString(), text: document.getText() };
      const { problems } = await this.services.helper.request(Script, params);
      if (!document.isClosed && document.version === version) {
        this.shown.set(document.uri, problems.map((problem) => diagnostic(problem, document)));
      }
    } catch (error) {
      this.services.log.debug(`Nothing is known of the script ${document.uri.toString()}: ${String(error)}`);
    }
  }
}

function diagnostic(problem: ScriptProblem, document: vscode.TextDocument): vscode.Diagnostic {
  const { end, line, start } = underline(problem, document.getText().split("\n"));
  const range = new vscode.Range(line, start, line, end);
  const message = `${problem.message.charAt(0).toUpperCase()}${problem.message.slice(1)}`;
  const diagnostic = new vscode.Diagnostic(range, message, vscode.DiagnosticSeverity.Error);
  diagnostic.source = "Python Workflow";
  return diagnostic;
}
