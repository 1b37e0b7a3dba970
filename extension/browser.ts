/**
 * The extension in a browser without a machine behind it: there is no file system, and so no Python.
 *
 * It says so once, when a Python file is opened, and whenever one of its commands is run.
 */
import * as vscode from "vscode";

import type { PythonWorkflowExports } from "./api.ts";

const SHOWN_KEY = "toldThatThereAreNoFiles";

/** Register every command with a message that none can run here; other extensions get no API. */
export function activate(context: vscode.ExtensionContext): PythonWorkflowExports {
  const { contributes } = context.extension.packageJSON as {
    readonly contributes: { readonly commands: readonly { readonly command: string }[] };
  };
  const once = async (): Promise<void> => {
    const shown = vscode.window.activeTextEditor?.document;
    if (shown !== undefined && isPython(shown) && context.globalState.get(SHOWN_KEY) !== true) {
      await context.globalState.update(SHOWN_KEY, true);
      await showReason();
    }
  };
  context.subscriptions.push(
    ...contributes.commands.map(({ command }) => vscode.commands.registerCommand(command, showReason)),
    vscode.window.onDidChangeActiveTextEditor(once),
    // Also when the one that is shown is given another language.
    vscode.workspace.onDidOpenTextDocument(once),
  );
  void once();
  return { getApi: () => undefined };
}

async function showReason(): Promise<void> {
  await vscode.window.showInformationMessage(
    vscode.l10n.t(
      "Python Workflow can't run in the browser: it needs a machine with Python.",
    ),
  );
}

/** Return whether a document is Python, also by its name: the extension that knows the language may be missing here. */
function isPython({ languageId, uri }: vscode.TextDocument): boolean {
  return languageId === "python" || /\.pyi?$/.test(uri.path);
}
