/** The API that other extensions get. */
import { isDeepStrictEqual } from "node:util";

import * as vscode from "vscode";

import type { Interpreter, InterpreterChange, PythonWorkflowApi } from "../api.ts";
import { published } from "../core/publish.ts";
import type { Answer } from "../protocol.ts";
import type { Interpreters } from "./interpreters.ts";

/** Makes the API; what it gives out depends on Workspace Trust at that moment. */
export class PublicApi implements vscode.Disposable {
  private readonly changes = new vscode.EventEmitter<InterpreterChange>();
  private readonly told = new Map<string, Interpreter>();
  private readonly subscriptions: vscode.Disposable;

  /** What is exported. */
  readonly exported: PythonWorkflowApi;

  constructor(interpreters: Interpreters) {
    this.exported = {
      getInterpreter: async (uri) => {
        if (!vscode.workspace.isTrusted) {
          return { trusted: false };
        }
        if (uri.scheme !== "file") {
          throw new Error(`${uri.toString()} is not on this machine's disk.`);
        }
        return published(await interpreters.resolve(uri.toString()), true);
      },
      onDidChangeInterpreter: this.changes.event,
    };
    this.subscriptions = vscode.Disposable.from(
      this.changes,
      interpreters.onDidChange(({ answer }) => {
        this.tell(answer);
      }),
      // Trust may have been granted: answers that stayed the same may be told now.
      interpreters.onDidRefresh(() => {
        interpreters.all().forEach((answer) => {
          this.tell(answer);
        });
      }),
    );
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  private tell(answer: Answer): void {
    const interpreter = published(answer, vscode.workspace.isTrusted);
    if (answer.provisional || isDeepStrictEqual(this.told.get(answer.uri), interpreter)) {
      return;
    }
    this.told.set(answer.uri, interpreter);
    this.changes.fire({ uri: vscode.Uri.parse(answer.uri, true), interpreter });
  }
}
