/** Watches the events of the window after which answers may change. */
import * as vscode from "vscode";

import type { HelperClient } from "../core/client.ts";
import { DidChangeContext, DidFocus } from "../protocol.ts";
import type { Interpreters } from "./interpreters.ts";
import { currentContext } from "./settings.ts";

/** Send the helper the values that answers depend on, and request all answers again. */
export async function renewContext(helper: HelperClient, interpreters: Interpreters): Promise<void> {
  helper.notify(DidChangeContext, currentContext());
  await interpreters.refresh();
}

/** Request all answers again when trust is granted or the folders change, and notify the helper of the window's focus. */
export function watchWindow(helper: HelperClient, interpreters: Interpreters): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      void renewContext(helper, interpreters);
    }),
    vscode.workspace.onDidChangeWorkspaceFolders(({ removed }) => {
      interpreters.forget(removed.map((folder) => folder.uri.toString()));
      void interpreters.refresh();
    }),
    vscode.window.onDidChangeWindowState(({ focused }) => {
      if (focused) {
        helper.notify(DidFocus, {});
      }
    }),
  );
}
