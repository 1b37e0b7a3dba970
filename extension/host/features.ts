/** What a person can do, a line a feature; each registers its own commands. */
import * as vscode from "vscode";

import { registerContexts } from "./contexts.ts";
import { registerCreateEnvironment } from "./createEnvironment.ts";
import { registerEnvironmentActions } from "./environmentActions.ts";
import { registerEnvironmentTerminal } from "./environmentTerminal.ts";
import { registerDebugging } from "./debugging.ts";
import { registerDiagnostics } from "./diagnostics.ts";
import { registerFolderWorkflow } from "./folderWorkflow.ts";
import { registerLaunchFix } from "./launchFix.ts";
import { registerMachineWide } from "./toolsAndPythons.ts";
import { registerMcpServer } from "./mcpServer.ts";
import { registerModelTools } from "./modelTools.ts";
import { NestedProjects } from "./nestedProjects.ts";
import { registerNestedTerminals } from "./nestedTerminals.ts";
import { registerNeighbours } from "./neighbours/neighbours.ts";
import { registerNewProject } from "./newProject.ts";
import { Offers } from "./notifications.ts";
import type { Parts } from "./services.ts";
import { registerPicker } from "./picker.ts";
import { registerPreferredWorkflow } from "./preferredWorkflow.ts";
import { registerRepl } from "./repl.ts";
import { registerRunning } from "./running.ts";
import { registerScripts } from "./scripts.ts";
import { registerTasks } from "./tasks.ts";
import { registerTerminals } from "./terminals.ts";
import { registerTesting } from "./tests/testing.ts";
import { registerToolSettings } from "./toolSettings.ts";
import { registerTrouble } from "./helperStatus.ts";
import { registerView } from "./view/view.ts";
import { registerWalkthrough } from "./walkthrough.ts";
import { registerWhy } from "./explain.ts";

/** Registers all features. Nothing is computed before a person asks for it, or sees it. */
export function registerFeatures(parts: Parts): vscode.Disposable {
  const offers = new Offers(parts.interpreters, parts.context.workspaceState);
  const nested = new NestedProjects(parts.interpreters, parts.log);
  return vscode.Disposable.from(
    registerPicker(parts),
    registerWhy(parts),
    registerCreateEnvironment(parts),
    parts.keeping.register(parts.commands),
    registerEnvironmentActions(parts, offers),
    nested,
    registerView(parts, nested),
    registerContexts(parts.interpreters),
    registerWalkthrough(parts),
    registerFolderWorkflow(parts),
    registerPreferredWorkflow(parts),
    registerRunning(parts),
    registerRepl(parts),
    registerDebugging(parts),
    registerLaunchFix(),
    registerTasks(parts),
    registerTesting(parts, nested),
    registerScripts(parts),
    registerMachineWide(parts),
    registerNewProject(parts),
    registerTerminals(parts),
    registerEnvironmentTerminal(parts),
    registerNestedTerminals(parts),
    registerNeighbours(parts),
    registerToolSettings(parts),
    registerTrouble(parts),
    registerModelTools(parts),
    registerMcpServer(parts),
    registerDiagnostics(parts),
    offers,
  );
}
