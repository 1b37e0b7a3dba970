/** "New Project..." and "New Script...": create a project or a script with `wsp new` and `wsp script new`. */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";

import * as vscode from "vscode";

import { CreateOptions, type CreationTool } from "../acts.ts";
import { toolRows } from "../core/creationChoices.ts";
import { toolFix } from "../core/errorActions.ts";
import {
  folderProblem,
  printedError,
  projectFolder,
  projectTools,
  proposedFolder,
  scriptName,
  scriptNameProblem,
} from "../core/newProject.ts";
import { activePlace, folderOfPlace, workspaceFolders } from "./places.ts";
import { isTrustedTo } from "./restricted.ts";
import type { Services } from "./services.ts";
import { enterText, pickOne, type WizardStep, wizard } from "./wizard.ts";
import { outputOfWsp, runWsp } from "./wsp.ts";

const display = { platform: process.platform, home: homedir() };

/** Register both commands. */
export function registerNewProject(services: Services): vscode.Disposable {
  return vscode.Disposable.from(
    services.commands.plain("newProject", async () => {
      if (await isTrustedTo("install")) {
        await newProject(services);
      }
    }),
    services.commands.plain("newScript", async () => newScript(services)),
  );
}

/** The answers of the wizard. */
interface NewProjectChoices {
  readonly tool?: CreationTool;
  /** An absolute path. */
  readonly folder?: string;
}

/** Ask which tool creates the project and where, create it, and offer to open its folder. */
async function newProject(services: Services): Promise<void> {
  const { folder, tool } = (await wizard<NewProjectChoices>([askTool(services), askFolder], {})) ?? {};
  if (folder === undefined || tool === undefined || !(await ensureInstalled(tool))) {
    return;
  }
  if (await runWsp(services, ["new"], [folder, "--workflow", tool.name])) {
    await offerToOpen(folder);
  }
}

function askTool({ helper }: Services): WizardStep<NewProjectChoices> {
  return async () => {
    const uri = (activePlace() ?? vscode.Uri.file(homedir())).toString();
    const { installed, missing } = toolRows(projectTools(await helper.request(CreateOptions, { uri })), display);
    const picked = await pickOne<CreationTool>(
      { title: vscode.l10n.t("New Project"), placeholder: vscode.l10n.t("Select a tool to create the project with") },
      [
        ...installed,
        ...(missing.length === 0 ? [] : [{ kind: vscode.QuickPickItemKind.Separator, label: vscode.l10n.t("Not installed") }]),
        ...missing,
      ],
      { canGoBack: false },
    );
    return picked === undefined || picked === "back" ? undefined : { tool: picked.value };
  };
}

async function askFolder(state: NewProjectChoices, canGoBack: boolean): ReturnType<WizardStep<NewProjectChoices>> {
  const entered = await enterText(
    {
      title: vscode.l10n.t("New Project"),
      placeholder: vscode.l10n.t("Enter the folder of the new project"),
      value: proposedFolder(workspaceFolders()[0]?.path, display),
    },
    (typed) => folderProblem(typed, existsSync, display),
    { canGoBack },
  );
  return typeof entered === "object" ? { ...state, folder: projectFolder(entered.value, display) } : entered;
}

/** Return whether the tool is installed, and offer to install it where it is not. */
async function ensureInstalled({ installed, name }: CreationTool): Promise<boolean> {
  const fix = installed ? undefined : toolFix(name);
  if (fix === undefined) {
    return installed;
  }
  const choice = await vscode.window.showWarningMessage(vscode.l10n.t("{0} is not installed.", name), fix.title);
  return choice === fix.title && (await vscode.commands.executeCommand("pythonWorkflow.installTool", name)) === true;
}

async function offerToOpen(folder: string): Promise<void> {
  const openHere = vscode.l10n.t("Open Folder");
  const openInNewWindow = vscode.l10n.t("Open in New Window");
  const message = vscode.l10n.t("Created {0}.", basename(folder));
  const choice = await vscode.window.showInformationMessage(message, openHere, openInNewWindow);
  if (choice !== undefined) {
    const forceNewWindow = choice === openInNewWindow;
    await vscode.commands.executeCommand("vscode.openFolder", vscode.Uri.file(folder), { forceNewWindow });
  }
}

/** Ask for the script's name, create it in the folder of the active file, and open it. */
async function newScript(services: Services): Promise<void> {
  const folder = activeFolder();
  const entered = await enterText(
    { title: vscode.l10n.t("New Script"), placeholder: vscode.l10n.t("Enter a file name, such as tool.py."), value: "" },
    (typed) => scriptNameProblem(typed, (name) => existsSync(join(folder, name))),
    { canGoBack: false },
  );
  if (typeof entered !== "object") {
    return;
  }
  const file = join(folder, scriptName(entered.value));
  const printed = await outputOfWsp(services, ["script", "new", file, "--json"]);
  if (!existsSync(file)) {
    throw new Error(printedError(printed) ?? vscode.l10n.t("{0} could not be written.", file));
  }
  await vscode.window.showTextDocument(vscode.Uri.file(file));
}

/** Return the folder of the active file, else the first that is open, else the home folder. */
function activeFolder(): string {
  const place = activePlace();
  return place === undefined ? homedir() : folderOfPlace(place).fsPath;
}
