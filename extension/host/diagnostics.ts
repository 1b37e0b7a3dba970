/** "Copy Diagnostics": the facts for a bug report, without secrets and without what identifies the user. */
import { open } from "node:fs/promises";
import { homedir, hostname, release, userInfo } from "node:os";

import * as vscode from "vscode";

import { diagnosticsDocument, type Facts, type FolderFacts, isAboutPython, lastLines, type ExtensionFacts } from "../core/diagnostics.ts";
import { masked } from "../core/masking.ts";
import { About, Explain } from "../protocol.ts";
import type { Services } from "./services.ts";

/** How much of the log is read, in bytes, and reported, in lines. */
const LOG_BYTES = 128 * 1024;
const LOG_LINES = 200;
const LOG_FILE = "Python Workflow.log";

/** Register "Copy Diagnostics". */
export function registerDiagnostics(services: Services): vscode.Disposable {
  return services.commands.plain("copyDiagnostics", async () => {
    const title = vscode.l10n.t("Gathering diagnostics");
    const facts = await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title }, async () =>
      gathered(services),
    );
    await handOver(masked(diagnosticsDocument(facts), person()));
  });
}

/** Copy the report to the clipboard, or show it in an editor where that fails. */
async function handOver(report: string): Promise<void> {
  try {
    await vscode.env.clipboard.writeText(report);
  } catch {
    // A browser may keep its clipboard to itself.
    await show(report);
    return;
  }
  const look = vscode.l10n.t("Show");
  const message = vscode.l10n.t(
    "Diagnostics copied. Secrets and your name are masked. Review before posting.",
  );
  if ((await vscode.window.showInformationMessage(message, look)) === look) {
    await show(report);
  }
}

async function show(content: string): Promise<void> {
  const document = await vscode.workspace.openTextDocument({ content, language: "markdown" });
  await vscode.window.showTextDocument(document);
}

async function gathered({ context, helper, interpreters, log }: Services): Promise<Facts> {
  const folders = (vscode.workspace.workspaceFolders ?? []).map(async ({ uri }): Promise<FolderFacts> => {
    if (uri.scheme !== "file") {
      return { path: uri.toString(), answer: undefined, explained: "It is not on this machine's disk." };
    }
    const explanation = helper.request(Explain, { uri: uri.toString() });
    return { path: uri.fsPath, answer: interpreters.get(uri.toString()), explained: await explanation.catch(String) };
  });
  return {
    versions: versions(context, log),
    about: await helper.request(About, {}).catch(String),
    folders: await Promise.all(folders),
    settings: changedSettings(context),
    neighbors: neighbors(),
    log: await lastOfLog(context),
  };
}

function versions({ extension }: vscode.ExtensionContext, log: vscode.LogOutputChannel): Readonly<Record<string, string>> {
  const { appHost, appName, language, remoteName, uiKind } = vscode.env;
  const { version } = extension.packageJSON as { readonly version: string };
  return {
    "Python Workflow": version,
    [appName]: `${vscode.version}, ${appHost}, ${uiKind === vscode.UIKind.Web ? "in a browser" : "on a desktop"}, in ${language}`,
    "Extension host": `Node ${process.versions.node}, ${process.platform} ${release()} ${process.arch}`,
    Remote: remoteName ?? "none",
    Workspace: vscode.workspace.isTrusted ? "trusted" : "not trusted",
    "Log level": vscode.LogLevel[log.logLevel],
  };
}

/** Return the settings of this extension that were changed, with the place of each. */
function changedSettings({ extension }: vscode.ExtensionContext): Readonly<Record<string, unknown>> {
  const { contributes } = extension.packageJSON as {
    readonly contributes: { readonly configuration: { readonly properties: object } };
  };
  const changed = Object.keys(contributes.configuration.properties).flatMap((name) => {
    const { globalValue, workspaceFolderValue, workspaceValue } =
      vscode.workspace.getConfiguration().inspect(name) ?? {};
    const values = Object.entries({ user: globalValue, workspace: workspaceValue, folder: workspaceFolderValue });
    const defined = values.filter(([, value]) => value !== undefined);
    return defined.length === 0 ? [] : [[name, Object.fromEntries(defined)] as const];
  });
  return Object.fromEntries(changed);
}

function neighbors(): readonly ExtensionFacts[] {
  return vscode.extensions.all
    .filter(({ id, packageJSON }) => id !== "python-workflow.python-workflow" && isAboutPython(packageJSON))
    .map(({ id, isActive, packageJSON }) => ({
      id,
      version: (packageJSON as { readonly version: string }).version,
      active: isActive,
    }));
}

/** Return the last lines of the log from VS Code's file. */
async function lastOfLog({ logUri }: vscode.ExtensionContext): Promise<string> {
  try {
    const file = await open(vscode.Uri.joinPath(logUri, LOG_FILE).fsPath);
    try {
      const { size } = await file.stat();
      const start = Math.max(0, size - LOG_BYTES);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(LOG_BYTES), 0, LOG_BYTES, start);
      return lastLines(buffer.toString("utf8", 0, bytesRead), LOG_LINES);
    } finally {
      await file.close();
    }
  } catch (error) {
    return `The log could not be read: ${String(error)}`;
  }
}

/** Return the person whom the report must not identify. */
function person(): { readonly home: string; readonly user: string; readonly host: string } {
  return { home: homedir(), user: userName(), host: hostname() };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may have no name for its user.
    return process.env["USER"] ?? process.env["USERNAME"] ?? "";
  }
}
