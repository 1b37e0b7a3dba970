/** Debugging with the debugger that comes with the extension. */
import { existsSync } from "node:fs";
import { isAbsolute, join, resolve as resolvePath } from "node:path";

import * as vscode from "vscode";

import { EnvFile } from "../acts.ts";
import {
  ADAPTER_PYTHON,
  adapterPython,
  DEBUG_TYPE,
  type DebugConfig,
  endpoint,
  fileLaunch,
  launchOf,
  launchPlace,
  whyNotDebug,
  whyNotPython,
} from "../core/debugging.ts";
import { changedVariables } from "../core/processes.ts";
import { pythonFiles, savedFile } from "./files.ts";
import type { Services } from "./services.ts";
import { orReported } from "./report.ts";
import { isTrustedTo } from "./restricted.ts";
import { pythonFor } from "./starting.ts";

/** Register "Debug Python File", and the debug type. */
export function registerDebugging(services: Services): vscode.Disposable {
  const configurations = new Configurations(services);
  return vscode.Disposable.from(
    pythonFiles(services.commands, "debugFile", async (file) => {
      if (await isTrustedTo("run")) {
        await vscode.debug.startDebugging(vscode.workspace.getWorkspaceFolder(file), { ...fileLaunch(file.fsPath) });
      }
    }),
    vscode.debug.registerDebugConfigurationProvider(DEBUG_TYPE, configurations),
    vscode.debug.registerDebugConfigurationProvider(
      DEBUG_TYPE,
      { provideDebugConfigurations: () => [{ ...fileLaunch("${file}") }] },
      vscode.DebugConfigurationProviderTriggerKind.Dynamic,
    ),
    vscode.debug.registerDebugAdapterDescriptorFactory(DEBUG_TYPE, {
      createDebugAdapterDescriptor: ({ configuration }) => adapterOf(services.context, configuration),
    }),
  );
}

/** Turns the user's configurations into those that the debugger gets. */
class Configurations implements vscode.DebugConfigurationProvider {
  private readonly services: Services;

  constructor(services: Services) {
    this.services = services;
  }

  /** Use the active file where there is no configuration. */
  async resolveDebugConfiguration(
    _: vscode.WorkspaceFolder | undefined,
    config: vscode.DebugConfiguration,
  ): Promise<vscode.DebugConfiguration | undefined> {
    // An empty one is what F5 gives where there is no launch.json.
    const partial: Partial<vscode.DebugConfiguration> = config;
    if (partial.type !== undefined || partial.request !== undefined || partial.name !== undefined) {
      return config;
    }
    const document = vscode.window.activeTextEditor?.document;
    if (document?.languageId !== "python") {
      void vscode.window.showInformationMessage(vscode.l10n.t("Open a Python file first."));
      return undefined;
    }
    const file = await savedFile(document.uri);
    return file === undefined ? undefined : { ...config, ...fileLaunch(file.fsPath) };
  }

  /** Complete a configuration; undefined, which starts nothing, after the user was shown what is wrong with it. */
  async resolveDebugConfigurationWithSubstitutedVariables(
    folder: vscode.WorkspaceFolder | undefined,
    config: vscode.DebugConfiguration,
  ): Promise<vscode.DebugConfiguration | undefined> {
    const resolved = await orReported(this.services.log, this.filled(folder, config), folder?.uri);
    return resolved === undefined ? undefined : { ...resolved };
  }

  private async filled(
    folder: vscode.WorkspaceFolder | undefined,
    config: DebugConfig,
  ): Promise<DebugConfig | undefined> {
    const reason = whyNotDebug(config);
    if (reason !== undefined) {
      void offerToConfigure(reason);
      return undefined;
    }
    const helper = this.services.helper.runner();
    if (config.request === "attach") {
      return { ...config, [ADAPTER_PYTHON]: adapterPython(undefined, helper) };
    }
    const at = folder?.uri.fsPath ?? vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
    const fromFile = await this.variablesOf(config["envFile"], at);
    // Shown in the terminal, so written as short as it can be.
    const debugLauncherPath = debuggerPart(this.services.context, "launcher");
    if (config["python"] !== undefined && config["python"] !== null && config["python"] !== "") {
      const launch = launchOf(config, undefined, fromFile);
      return { ...launch, debugLauncherPath, [ADAPTER_PYTHON]: adapterPython(undefined, helper) };
    }
    const path = launchPlace(config, at, process.platform);
    if (path === undefined) {
      void offerToConfigure(vscode.l10n.t('Without an open folder, "program" or "cwd" has to be an absolute path.'));
      return undefined;
    }
    const missing = [path, config["cwd"]].find((one) => typeof one === "string" && isAbsolute(one) && !existsSync(one));
    if (typeof missing === "string") {
      void offerToConfigure(vscode.l10n.t("{0} doesn't exist.", missing));
      return undefined;
    }
    const place = vscode.Uri.file(path);
    const again = async (): Promise<unknown> => vscode.debug.startDebugging(folder, { ...config });
    const how = await pythonFor(this.services, place, [], again);
    if (how === undefined) {
      return undefined;
    }
    const version = how.environment.python_version;
    const tooOld = whyNotPython(how.environment.name, version);
    if (tooOld !== undefined) {
      void offerOther(place, tooOld);
      return undefined;
    }
    const { argv, cwd, env } = how.command;
    const variables = changedVariables(env, process.env, process.platform);
    const python = { path: how.python, version };
    return {
      ...launchOf(config, { argv, cwd, python: how.python, variables }, fromFile),
      debugLauncherPath,
      [ADAPTER_PYTHON]: adapterPython(python, helper),
    };
  }

  /** Return the variables of an `envFile`. Rejects if it cannot be read: without them the program might do something else. */
  private async variablesOf(envFile: unknown, folder: string | undefined): Promise<Readonly<Record<string, string>>> {
    if (typeof envFile !== "string" || envFile === "") {
      return {};
    }
    const { variables } = await this.services.helper.request(EnvFile, { path: resolvePath(folder ?? "", envFile) });
    return variables;
  }
}

/** Return the debug adapter: a debugger that listens already, else an adapter that is started for this session alone. */
function adapterOf(
  context: vscode.ExtensionContext,
  config: DebugConfig,
): vscode.DebugAdapterDescriptor {
  const listening = endpoint(config);
  if (listening !== undefined) {
    return new vscode.DebugAdapterServer(listening.port, listening.host);
  }
  const python = config[ADAPTER_PYTHON];
  if (typeof python !== "string") {
    throw new Error(vscode.l10n.t("No Python was found that can run the debugger."));
  }
  const cache = join(context.globalStorageUri.fsPath, "pycache");
  // It needs nothing that is installed, and nothing of the workspace is to stand in for what it imports.
  const logs = config["logToFile"] === true ? ["--log-dir", context.logUri.fsPath] : [];
  const args = ["-I", "-S", "-X", `pycache_prefix=${cache}`, debuggerPart(context, "adapter"), ...logs];
  return new vscode.DebugAdapterExecutable(python, args, { cwd: context.globalStorageUri.fsPath });
}

/** Return the absolute path of a Python file of the debugger. */
function debuggerPart(context: vscode.ExtensionContext, name: "adapter" | "launcher"): string {
  return context.asAbsolutePath(join("dist", "helper", "libs", "debugpy", name));
}

async function offerToConfigure(reason: string): Promise<void> {
  const open = vscode.l10n.t("Open launch.json");
  if ((await vscode.window.showErrorMessage(reason, open)) === open) {
    await vscode.commands.executeCommand("workbench.action.debug.configure");
  }
}

async function offerOther(place: vscode.Uri, reason: string): Promise<void> {
  const select = vscode.l10n.t("Select Interpreter");
  const choice = await vscode.window.showErrorMessage(reason, select);
  if (choice === select) {
    await vscode.commands.executeCommand("pythonWorkflow.selectInterpreter", place);
  }
}
