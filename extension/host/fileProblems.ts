/** The syntax errors of projects' own files: read again whenever a file changes, and shown beside the interpreter. */
import * as vscode from "vscode";

import { type FileProblem, FileProblems as FileProblemsRequest } from "../acts.ts";
import type { HelperClient } from "../core/client.ts";
import { isInside } from "../core/paths.ts";
import type { Interpreters } from "./interpreters.ts";
import type { Commands } from "./commands.ts";

const FILES = "**/{pyproject.toml,pyworkflow.toml}";

/** Keeps the problems of each root that has an answer. */
export class FileProblems implements vscode.Disposable {
  private readonly helper: HelperClient;
  private readonly log: vscode.LogOutputChannel;
  private readonly problems = new Map<string, readonly FileProblem[]>();
  private readonly changes = new vscode.EventEmitter<void>();
  private readonly subscriptions: vscode.Disposable;

  /** Fires when a root has other problems than before. */
  readonly onDidChange = this.changes.event;

  constructor(helper: HelperClient, interpreters: Interpreters, log: vscode.LogOutputChannel) {
    this.helper = helper;
    this.log = log;
    const watcher = vscode.workspace.createFileSystemWatcher(FILES);
    const changed = (file: vscode.Uri): void => {
      for (const { root, uri } of interpreters.all()) {
        if (isInside(process.platform, root, file.fsPath)) {
          void this.look(root, uri);
        }
      }
    };
    this.subscriptions = vscode.Disposable.from(
      watcher,
      watcher.onDidChange(changed),
      watcher.onDidCreate(changed),
      watcher.onDidDelete(changed),
      interpreters.onDidChange(({ answer, origin }) => {
        if (origin !== "one-shot" && !this.problems.has(answer.root)) {
          this.problems.set(answer.root, []);
          void this.look(answer.root, answer.uri);
        }
      }),
      this.changes,
    );
  }

  /** Return the command that opens a file at its problem. */
  register(commands: Commands): vscode.Disposable {
    return commands.plain("showFileProblem", async (path, line, column) => {
      if (typeof path !== "string") {
        return;
      }
      const at = new vscode.Position(typeof line === "number" ? line : 0, typeof column === "number" ? column : 0);
      await vscode.window.showTextDocument(vscode.Uri.file(path), { selection: new vscode.Range(at, at) });
    });
  }

  /** Return the problems of a root's files. */
  get(root: string): readonly FileProblem[] {
    return this.problems.get(root) ?? [];
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  private async look(root: string, uri: string): Promise<void> {
    try {
      const { problems } = await this.helper.request(FileProblemsRequest, { uri });
      if (problems.length > 0 || this.get(root).length > 0) {
        this.problems.set(root, problems);
        this.changes.fire();
      }
    } catch (error) {
      this.log.debug(`Nothing is known of the files of ${root}: ${String(error)}`);
    }
  }
}
