/** "Get Started": opens the walkthrough, which VS Code itself shows and tracks. */
import * as vscode from "vscode";

import type { Services } from "./services.ts";

/** Open the walkthrough at any time; VS Code opens it once, after the extension was installed. */
export function registerWalkthrough({ commands, context }: Services): vscode.Disposable {
  return commands.plain("openWalkthrough", async () => {
    await vscode.commands.executeCommand("workbench.action.openWalkthrough", `${context.extension.id}#start`, false);
  });
}
