/** "New Project..." and "New Script...": what there is to begin with, by the command line's own words. */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";

import * as vscode from "vscode";

import { CreateOptions, type Maker } from "../acts.ts";
import { makerRows } from "../core/creationChoices.ts";
import { toolFix } from "../core/errorActions.ts";
import { beginning, printedError, projectFolder, proposedFolder, scriptName, whyNotFolder, whyNotScript } from "../core/newProject.ts";
import { activePlace, folderOfPlace, workspaceFolders } from "./places.ts";
import { isTrustedTo } from "./restricted.ts";
import type { Services } from "./services.ts";
import { enterText, pickOne, type Step, wizard } from "./wizard.ts";
import { askWsp, runWsp } from "./wsp.ts";

const display = { platform: process.platform, home: homedir() };

/** Registers both commands. */
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

interface Wanted {
  readonly maker?: Maker;
  /** Absolute. */
  readonly folder?: string;
}

/** Asks which tool begins the project and where, has it do so, and offers to open the folder. */
async function newProject(services: Services): Promise<void> {
  const { folder, maker } = (await wizard<Wanted>([whichTool(services), whichFolder], {})) ?? {};
  if (folder === undefined || maker === undefined || !(await isInstalled(maker))) {
    return;
  }
  if (await runWsp(services, ["new"], [folder, "--workflow", maker.name])) {
    await offerToOpen(folder);
  }
}

function whichTool({ helper }: Services): Step<Wanted> {
  return async () => {
    const uri = (activePlace() ?? vscode.Uri.file(homedir())).toString();
    const { installed, missing } = makerRows(beginning(await helper.request(CreateOptions, { uri })), display);
    const picked = await pickOne<Maker>(
      { title: vscode.l10n.t("New Project"), placeholder: vscode.l10n.t("Select a tool to create the project with") },
      [
        ...installed,
        ...(missing.length === 0 ? [] : [{ kind: vscode.QuickPickItemKind.Separator, label: vscode.l10n.t("Not installed") }]),
        ...missing,
      ],
      false,
    );
    return picked === undefined || picked === "back" ? undefined : { maker: picked.value };
  };
}

async function whichFolder(state: Wanted, canGoBack: boolean): ReturnType<Step<Wanted>> {
  const entered = await enterText(
    {
      title: vscode.l10n.t("New Project"),
      placeholder: vscode.l10n.t("Enter the folder of the new project"),
      value: proposedFolder(workspaceFolders()[0]?.path, display),
    },
    (typed) => whyNotFolder(typed, existsSync, display),
    canGoBack,
  );
  return typeof entered === "object" ? { ...state, folder: projectFolder(entered.value, display) } : entered;
}

/** Whether the tool is there, or is now. */
async function isInstalled({ installed, name }: Maker): Promise<boolean> {
  const fix = installed ? undefined : toolFix(name);
  if (fix === undefined) {
    return installed;
  }
  const choice = await vscode.window.showWarningMessage(vscode.l10n.t("{0} is not installed.", name), fix.title);
  return choice === fix.title && (await vscode.commands.executeCommand("pythonWorkflow.installTool", name)) === true;
}

async function offerToOpen(folder: string): Promise<void> {
  const here = vscode.l10n.t("Open Folder");
  const beside = vscode.l10n.t("Open in New Window");
  const choice = await vscode.window.showInformationMessage(vscode.l10n.t("Created {0}.", basename(folder)), here, beside);
  if (choice !== undefined) {
    await vscode.commands.executeCommand("vscode.openFolder", vscode.Uri.file(folder), { forceNewWindow: choice === beside });
  }
}

/** Asks what the script is called, writes it where the user is, and shows it. */
async function newScript(services: Services): Promise<void> {
  const folder = activeFolder();
  const entered = await enterText(
    { title: vscode.l10n.t("New Script"), placeholder: vscode.l10n.t("Enter a file name, such as tool.py."), value: "" },
    (typed) => whyNotScript(typed, (name) => existsSync(join(folder, name))),
    false,
  );
  if (typeof entered !== "object") {
    return;
  }
  const file = join(folder, scriptName(entered.value));
  const printed = await askWsp(services, ["script", "new", file, "--json"]);
  if (!existsSync(file)) {
    throw new Error(printedError(printed) ?? vscode.l10n.t("{0} could not be written.", file));
  }
  await vscode.window.showTextDocument(vscode.Uri.file(file));
}

/** The folder of the active file, else the first that is open, else the home folder. */
function activeFolder(): string {
  const place = activePlace();
  return place === undefined ? homedir() : folderOfPlace(place).fsPath;
}
