/** Reads the user's own settings, never those of a workspace, except where a function says so. */
import * as vscode from "vscode";

import {
  DEFAULT_INTERPRETER_SETTING,
  ENV_FILE_SETTING,
  ENVIRONMENT_FOLDERS_SETTING,
  HELPER_PYTHON_SETTING,
  parseFolders,
  parsePreference,
  POLICY_SETTING,
  type PreferenceSetting,
  WORKFLOW_SETTING,
} from "../core/settings.ts";
import type { CommandWorkflow } from "../acts.ts";
import type { Context, DefaultInterpreters, Policy } from "../protocol.ts";

/** Return the value that the user gave a setting in their own settings; undefined when they gave none. */
export function userValue(setting: string): unknown {
  return vscode.workspace.getConfiguration().inspect(setting)?.globalValue;
}

/** Return the preferred workflow as the user's settings say it. */
export function preferenceSetting(): PreferenceSetting {
  return parsePreference(userValue(WORKFLOW_SETTING), userValue(POLICY_SETTING), process.platform);
}

/** Return the current values that answers depend on besides the files. */
export function currentContext(): Context {
  const setting = preferenceSetting();
  return {
    trusted: vscode.workspace.isTrusted,
    preference: setting.kind === "set" ? setting.preference : null,
    interpreters: defaultInterpreters(),
    env_files: envFiles(),
  };
}

/** Return the default interpreters in settings, never another extension's own default value. */
function defaultInterpreters(): DefaultInterpreters {
  const user = written(userValue(DEFAULT_INTERPRETER_SETTING)) ?? null;
  return { user, folders: byFolder(DEFAULT_INTERPRETER_SETTING, () => undefined) };
}

/** Return the files of variables in settings. */
function envFiles(): Readonly<Record<string, string>> {
  return byFolder(ENV_FILE_SETTING, () => written(userValue(ENV_FILE_SETTING)));
}

/** Return the value of each open folder's settings, else of the workspace's, else `otherwise`. */
function byFolder(setting: string, otherwise: () => string | undefined): Readonly<Record<string, string>> {
  const folders = (vscode.workspace.workspaceFolders ?? []).flatMap(({ uri }) => {
    const values = vscode.workspace.getConfiguration(undefined, uri).inspect(setting);
    const value = written(values?.workspaceFolderValue) ?? written(values?.workspaceValue) ?? otherwise();
    return value === undefined ? [] : [[uri.toString(), value] as const];
  });
  return Object.fromEntries(folders);
}

function written(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}

/** Return the folders in which the user has environments looked for, besides the usual ones. */
export function environmentFolders(): readonly string[] {
  return parseFolders(userValue(ENVIRONMENT_FOLDERS_SETTING));
}

/** Return the Python that the user chose for the helper; undefined when they chose none. */
export function helperPython(): string | undefined {
  const value = userValue(HELPER_PYTHON_SETTING);
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}

/** Return the command that opens the setting of the helper's Python, among the settings of its machine. */
export function helperPythonCommand(): vscode.Command & {
  readonly arguments: { readonly query: string }[];
} {
  const remote = vscode.env.remoteName !== undefined;
  return {
    command: `workbench.action.${remote ? "openRemoteSettings" : "openSettings"}`,
    title: vscode.l10n.t("Open Setting"),
    arguments: [{ query: HELPER_PYTHON_SETTING }],
  };
}

/** The handlers of changes of settings. */
export interface SettingsListener {
  /** Something that answers depend on changed. */
  readonly onContext: () => void;
  readonly onHelperPython: () => void;
}

/** Listen to changes of the settings, and log the values that cannot be used. */
export function watchSettings(
  log: vscode.LogOutputChannel,
  listener: SettingsListener,
): vscode.Disposable {
  const check = (): void => {
    const setting = preferenceSetting();
    if (setting.kind === "wrong") {
      log.warn(setting.message);
      void vscode.window.showWarningMessage(setting.message);
    }
  };
  check();
  return vscode.workspace.onDidChangeConfiguration((event) => {
    const preference = [WORKFLOW_SETTING, POLICY_SETTING].some((name) => event.affectsConfiguration(name));
    if (preference) {
      check();
    }
    if (preference || [DEFAULT_INTERPRETER_SETTING, ENV_FILE_SETTING].some((name) => event.affectsConfiguration(name))) {
      listener.onContext();
    }
    if (event.affectsConfiguration(HELPER_PYTHON_SETTING)) {
      listener.onHelperPython();
    }
  });
}

/** Write the preferred workflow into the user's own settings; undefined removes it. */
export async function writePreference(
  workflow: string | CommandWorkflow | undefined,
  policy: Policy | undefined,
): Promise<void> {
  const settings = vscode.workspace.getConfiguration();
  await settings.update(WORKFLOW_SETTING, workflow, vscode.ConfigurationTarget.Global);
  await settings.update(POLICY_SETTING, policy, vscode.ConfigurationTarget.Global);
}
