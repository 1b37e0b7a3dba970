/** Checks Workspace Trust before anything is started. */
import * as vscode from "vscode";

import { type Act, whyTrust } from "../core/restricted.ts";

/** Return whether the workspace is trusted; if not, show why it has to be, with a button to change that. */
export async function isTrustedTo(act: Act): Promise<boolean> {
  if (vscode.workspace.isTrusted) {
    return true;
  }
  await tellOfTrust(whyTrust(act));
  return false;
}

/** Show what needs a trusted workspace, with a button to change that. */
export async function tellOfTrust(message: string): Promise<void> {
  const manage = vscode.l10n.t("Manage Workspace Trust");
  if ((await vscode.window.showWarningMessage(message, manage)) === manage) {
    await vscode.commands.executeCommand("workbench.trust.manage");
  }
}
