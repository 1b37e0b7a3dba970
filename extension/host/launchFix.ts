/**
 * Quick fixes in `launch.json`: from the debug type of the Python Debugger extension to ours where that is not
 * installed, and back where it is.
 */
import * as vscode from "vscode";

import { launchTypes, PYTHON_DEBUGGER } from "../core/launchTypes.ts";

/** Register the fixes. */
export function registerLaunchFix(): vscode.Disposable {
  return vscode.languages.registerCodeActionsProvider(
    { scheme: "file", pattern: "**/.vscode/launch.json" },
    { provideCodeActions: fixes },
    { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] },
  );
}

function fixes(document: vscode.TextDocument, range: vscode.Range): vscode.CodeAction[] {
  const hasPythonDebugger = vscode.extensions.getExtension(PYTHON_DEBUGGER) !== undefined;
  const title = hasPythonDebugger
    ? vscode.l10n.t("Use the Python Debugger Extension")
    : vscode.l10n.t("Use the Debugger of Python Workflow");
  return launchTypes(document.getText(), hasPythonDebugger)
    .map(({ start, end, instead }) => ({
      place: new vscode.Range(document.positionAt(start), document.positionAt(end)),
      instead,
    }))
    .filter(({ place }) => place.start.line <= range.end.line && place.end.line >= range.start.line)
    .map(({ place, instead }) => {
      const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
      action.edit = new vscode.WorkspaceEdit();
      action.edit.replace(document.uri, place, instead);
      // A type that nothing here runs is a mistake; the other way round is a matter of taste.
      action.isPreferred = !hasPythonDebugger;
      return action;
    });
}
