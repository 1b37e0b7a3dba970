/**
 * The interpreter for configuration files (`${command:pythonWorkflow.interpreterPath}`), and for settings of other
 * extensions.
 */
import * as vscode from "vscode";

import { confirmed } from "../core/publish.ts";
import { renewal, settingValue, TOOL_SETTINGS, type Written, type WrittenSettings } from "../core/toolSettings.ts";
import type { Answer } from "../protocol.ts";
import type { Services } from "./services.ts";
import { activePlace, workspaceFolders } from "./places.ts";
import { isTrustedTo } from "./restricted.ts";
import { pythonFor } from "./starting.ts";

/** The key of the workspace's memory for the values that were written, by folder. */
const MEMORY = "toolSettings";

/** Register the command for `launch.json` and `tasks.json`, and those that write settings and restore them. */
export function registerToolSettings(services: Services): vscode.Disposable {
  const settings = new ToolSettings(services);
  return vscode.Disposable.from(
    settings,
    vscode.commands.registerCommand("pythonWorkflow.interpreterPath", async (argument: unknown) =>
      interpreterPath(services, argument),
    ),
    services.commands.plain("setToolInterpreters", async () => settings.choose()),
    services.commands.plain("removeToolInterpreters", async () => settings.takeBack()),
  );
}

/**
 * Return the interpreter of the folder that an input names as `workspaceFolder`, else of the active folder.
 *
 * Without one a message is shown, and the result is undefined, so that VS Code starts nothing.
 */
async function interpreterPath(services: Services, argument: unknown): Promise<string | undefined> {
  const folder = (argument as { readonly workspaceFolder?: unknown } | undefined)?.workspaceFolder;
  const place = typeof folder === "string" ? vscode.Uri.file(folder) : activePlace();
  if (place === undefined || !(await isTrustedTo("run"))) {
    return undefined;
  }
  return (await pythonFor(services, place, []))?.python;
}

/** Keeps the settings that the user chose up to date with the selected interpreters. */
class ToolSettings implements vscode.Disposable {
  private readonly services: Services;
  private readonly subscription: vscode.Disposable;
  /** The pending changes of settings files, which are made one after the other. */
  private writing = Promise.resolve();

  constructor(services: Services) {
    this.services = services;
    this.subscription = services.interpreters.onDidChange(({ answer, origin }) => {
      if (origin !== "one-shot" && this.written()[answer.uri] !== undefined) {
        void this.queue(async () => this.renew(answer)).catch((error: unknown) => {
          services.log.warn(`A setting cannot be written: ${String(error)}`);
        });
      }
    });
  }

  dispose(): void {
    this.subscription.dispose();
  }

  /** Ask which settings to keep up to date, and write them. */
  async choose(): Promise<void> {
    if (!(await isTrustedTo("change"))) {
      return;
    }
    const known = TOOL_SETTINGS.filter((setting) => inspected(setting)?.defaultValue !== undefined);
    if (known.length === 0) {
      await vscode.window.showInformationMessage(
        vscode.l10n.t("No installed extension has a setting for its Python interpreter."),
      );
      return;
    }
    const before = new Set(Object.values(this.written()).flatMap((settings) => Object.keys(settings)));
    const items = known.map((label) => ({ label, picked: before.size === 0 || before.has(label) }));
    const chosen = await vscode.window.showQuickPick(items, {
      canPickMany: true,
      title: vscode.l10n.t("Set Interpreter for Other Extensions"),
      placeHolder: vscode.l10n.t("Select the workspace settings to keep in sync with the selected interpreter"),
    });
    if (chosen !== undefined) {
      const settings = chosen.map(({ label }) => label);
      await this.queue(async () => this.set(settings));
    }
  }

  /** Restore the value that every setting had before. */
  async takeBack(): Promise<void> {
    await this.queue(async () => this.set([]));
  }

  private async queue(act: () => Promise<void>): Promise<void> {
    const done = this.writing.then(act);
    this.writing = done.catch(() => undefined);
    return done;
  }

  /** Write these settings for every open folder, and restore the others that were written. */
  private async set(settings: readonly string[]): Promise<void> {
    for (const { uri } of workspaceFolders()) {
      const written = this.written()[uri] ?? {};
      for (const [setting, { before, value }] of Object.entries(written)) {
        const found = valueIn(uri, setting);
        if (!settings.includes(setting) && renewal({ value }, found, value).kind === "keep") {
          await write(uri, setting, before);
        }
      }
      const kept = Object.fromEntries(Object.entries(written).filter(([setting]) => settings.includes(setting)));
      const added = settings.filter((setting) => !(setting in kept));
      const news = Object.fromEntries(
        added.map((setting) => {
          const before = valueIn(uri, setting);
          return [setting, { value: before, ...(before === undefined ? {} : { before }) }];
        }),
      );
      await this.remember(uri, { ...kept, ...news });
      await this.renew(await this.services.interpreters.resolve(uri));
    }
  }

  /** Write the interpreter of an answer into the settings of its folder. */
  private async renew(answer: Answer): Promise<void> {
    const { interpreter_path: interpreter } = confirmed(answer) ?? { interpreter_path: null };
    if (interpreter === null || !vscode.workspace.isTrusted) {
      return;
    }
    const { uri } = answer;
    const folder = vscode.Uri.parse(uri, true).fsPath;
    const now: [string, Written][] = [];
    for (const [setting, written] of Object.entries(this.written()[uri] ?? {})) {
      const next = settingValue(process.platform, setting, interpreter, folder);
      const step = renewal(written, valueIn(uri, setting), next);
      if (step.kind === "write") {
        await write(uri, setting, step.value);
      }
      if (step.kind !== "forget") {
        now.push([setting, step.kind === "write" ? { ...written, value: step.value } : written]);
      }
    }
    await this.remember(uri, Object.fromEntries(now));
  }

  private written(): Readonly<Record<string, WrittenSettings>> {
    return this.services.context.workspaceState.get(MEMORY, {});
  }

  private async remember(uri: string, settings: WrittenSettings): Promise<void> {
    const others = Object.entries(this.written()).filter(([folder]) => folder !== uri);
    const own = Object.keys(settings).length === 0 ? [] : [[uri, settings] as const];
    await this.services.context.workspaceState.update(MEMORY, Object.fromEntries([...others, ...own]));
  }
}

function inspected(setting: string, uri?: string): ReturnType<vscode.WorkspaceConfiguration["inspect"]> {
  const scope = uri === undefined ? undefined : vscode.Uri.parse(uri, true);
  return vscode.workspace.getConfiguration(undefined, scope).inspect(setting);
}

/** Return the value in a folder's own settings. */
function valueIn(uri: string, setting: string): unknown {
  const values = inspected(setting, uri);
  return isOneFolder() ? values?.workspaceValue : values?.workspaceFolderValue;
}

async function write(uri: string, setting: string, value: unknown): Promise<void> {
  const { Workspace, WorkspaceFolder } = vscode.ConfigurationTarget;
  await vscode.workspace
    .getConfiguration(undefined, vscode.Uri.parse(uri, true))
    .update(setting, value, isOneFolder() ? Workspace : WorkspaceFolder);
}

/** Return whether the workspace is a single folder, whose settings are then the workspace's. */
function isOneFolder(): boolean {
  return vscode.workspace.workspaceFile === undefined;
}
