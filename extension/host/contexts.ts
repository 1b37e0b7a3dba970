/** Sets the context keys by which the Command Palette lists only commands that can work. */
import * as vscode from "vscode";

import { type Contexts, contextsOf } from "../core/contexts.ts";
import type { Interpreters } from "./interpreters.ts";

/** Answers come one by one. */
const REST_MS = 100;

/** Keep the context keys up to date with the answers; only changes are sent to VS Code. */
export function registerContexts(interpreters: Interpreters): vscode.Disposable {
  const current: Partial<Record<keyof Contexts, boolean>> = {};
  let soon: NodeJS.Timeout | undefined;
  const tell = (): void => {
    const { hasEnvironments, hasSelection } = contextsOf(interpreters.all());
    for (const [name, value] of Object.entries({ hasEnvironments, hasSelection }) as [keyof Contexts, boolean][]) {
      if (current[name] !== value) {
        current[name] = value;
        void vscode.commands.executeCommand("setContext", `pythonWorkflow.${name}`, value);
      }
    }
  };
  const later = (): void => {
    clearTimeout(soon);
    soon = setTimeout(tell, REST_MS);
  };
  later();
  return vscode.Disposable.from(
    new vscode.Disposable(() => {
      clearTimeout(soon);
    }),
    interpreters.onDidChange(later),
    interpreters.onDidRefresh(later),
  );
}
