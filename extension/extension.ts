/** Creates the services, connects them, and registers them with VS Code. */
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";

import * as vscode from "vscode";

import type { PythonWorkflowExports } from "./api.ts";
import { Helper } from "./helper/helper.ts";
import { Commands } from "./host/commands.ts";
import { registerFeatures } from "./host/features.ts";
import { FileProblems } from "./host/fileProblems.ts";
import { showFirst } from "./host/initialAnswers.ts";
import { Interpreters } from "./host/interpreters.ts";
import { EnvironmentSync } from "./host/sync.ts";
import { workspaceFolders } from "./host/places.ts";
import { PublicApi } from "./host/publicApi.ts";
import { currentContext, helperPython, watchSettings } from "./host/settings.ts";
import { StatusBar } from "./host/statusBar.ts";
import { useTranslations } from "./host/texts.ts";
import { helperListener } from "./host/helperStatus.ts";
import { renewContext, watchWindow } from "./host/trust.ts";

let helper: Helper | undefined;

/** Select the interpreters of the open folders, and give other extensions the API. */
export async function activate(context: vscode.ExtensionContext): Promise<PythonWorkflowExports> {
  const activatedAt = performance.now();
  useTranslations();
  const log = vscode.window.createOutputChannel("Python Workflow", { log: true });
  const running = new Helper({
    helper: context.asAbsolutePath(join("dist", "helper")),
    storage: context.globalStorageUri.fsPath,
    memory: context.globalState,
    log,
    context: currentContext,
    python: helperPython,
    workspace: workspaceFolders,
  });
  helper = running;
  // Their processes run while the rest is built.
  const first = running.firstAnswers();
  const interpreters = new Interpreters(running, log);
  const sync = new EnvironmentSync(running, interpreters, log);
  const files = new FileProblems(running, interpreters, log);
  const status = new StatusBar(interpreters, sync, files, log);
  const shown = showFirst(first, interpreters, log, activatedAt);
  const api = new PublicApi(running, interpreters, shown);
  running.listen(helperListener(interpreters, status, log));
  const settings = watchSettings(log, {
    onContext: () => void renewContext(running, interpreters),
    onHelperPython: () => void running.restart(),
  });
  context.subscriptions.push(log, interpreters, sync, files, status, api, settings);
  void shown.finally(() => void running.start());
  // Other extensions start meanwhile. What is registered from here on VS Code waits for before it asks for it.
  await nextTurn();
  const commands = new Commands(log);
  const features = registerFeatures({ context, helper: running, interpreters, sync, commands, log });
  context.subscriptions.push(features, files.register(commands), watchWindow(running, interpreters));
  return api.exported;
}

/** End every process that was started. */
export async function deactivate(): Promise<void> {
  await helper?.dispose();
}
