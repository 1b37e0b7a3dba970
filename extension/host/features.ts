/** The features of the extension, one a line; each registers its own commands. */
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
import { registerNeighbors } from "./neighbors/neighbors.ts";
import { registerNewProject } from "./newProject.ts";
import { Notifications } from "./notifications.ts";
import type { Services } from "./services.ts";
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

/** Register all features. None computes anything before it is used or visible. */
export function registerFeatures(services: Services): vscode.Disposable {
  const notifications = new Notifications(services.interpreters, services.context.workspaceState);
  const nested = new NestedProjects(services.interpreters, services.log);
  return vscode.Disposable.from(
    registerPicker(services),
    registerWhy(services),
    registerCreateEnvironment(services),
    services.sync.register(services.commands),
    registerEnvironmentActions(services, notifications),
    nested,
    registerView(services, nested),
    registerContexts(services.interpreters),
    registerWalkthrough(services),
    registerFolderWorkflow(services),
    registerPreferredWorkflow(services),
    registerRunning(services),
    registerRepl(services),
    registerDebugging(services),
    registerLaunchFix(),
    registerTasks(services),
    registerTesting(services, nested),
    registerScripts(services),
    registerMachineWide(services),
    registerNewProject(services),
    registerTerminals(services),
    registerEnvironmentTerminal(services),
    registerNestedTerminals(services),
    registerNeighbors(services, nested),
    registerToolSettings(services),
    registerTrouble(services),
    registerModelTools(services),
    registerMcpServer(services),
    registerDiagnostics(services),
    notifications,
  );
}
