/** Events of the window after which answers may be others. */
import * as vscode from "vscode";

import type { HelperClient } from "../core/client.ts";
import { DidChangeContext, DidFocus } from "../protocol.ts";
import type { Interpreters } from "./interpreters.ts";
import { currentContext } from "./settings.ts";

/** Tell the helper what answers depend on now, and ask for all of them again. */
export async function renewContext(helper: HelperClient, interpreters: Interpreters): Promise<void> {
  helper.notify(DidChangeContext, currentContext());
  await interpreters.refresh();
}

/** Renew the answers when trust is granted or the folders change, and tell of the window's focus. */
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
