/** Commands about a whole environment: select it, recreate it, delete it, open its folder, copy its paths. */
import { existsSync } from "node:fs";
import { realpath } from "node:fs/promises";

import * as vscode from "vscode";

import { Delete, type DeleteResult, Sync } from "../acts.ts";
import { HelperError } from "../core/client.ts";
import { deletedMessage, syncMessage } from "../core/syncMessages.ts";
import { isInside } from "../core/paths.ts";
import { selectionOf } from "../core/picker.ts";
import { environmentOf, isOfMachine } from "../core/commandTarget.ts";
import type { Environment } from "../protocol.ts";
import { whichEnvironment } from "./environmentPick.ts";
import type { Notifications } from "./notifications.ts";
import type { Services } from "./services.ts";
import { remember } from "./picker.ts";
import { workspaceFolders } from "./places.ts";
import { withProgress } from "./progress.ts";
import { isTrustedTo } from "./restricted.ts";

/** Register the commands; each takes a row of the view, or asks for an environment. */
export function registerEnvironmentActions(services: Services, notifications: Notifications): vscode.Disposable {
  const { commands } = services;
  return vscode.Disposable.from(
    commands.about("useEnvironment", async (place, row) => use(services, place, row)),
    commands.about("recreateEnvironment", async (place, row) => recreate(services, place, row)),
    commands.about("deleteEnvironment", async (place, row) => deleteOne(services, notifications, place, row)),
    commands.about("openEnvironmentFolder", async (place, row) => open(services, place, row)),
    commands.about("copyEnvironmentPath", async (place, row) =>
      copy(services, place, row, ({ prefix }) => prefix),
    ),
    commands.about("copyInterpreterPath", async (place, row) =>
      copy(services, place, row, (environment) => environment.interpreter_path),
    ),
  );
}

/** Select the environment, or the Python, of a row. */
async function use({ helper, interpreters }: Services, place: vscode.Uri, row: unknown): Promise<void> {
  const environment = environmentOf(row);
  if (environment === undefined) {
    await vscode.commands.executeCommand("pythonWorkflow.selectInterpreter", place);
  } else {
    await remember(helper, interpreters, place.toString(), selectionOf(environment));
  }
}

/** Recreate an environment; return whether it was. */
async function recreate(services: Services, place: vscode.Uri, row: unknown): Promise<boolean> {
  if (!(await isTrustedTo("change"))) {
    return false;
  }
  const environment = await whichEnvironment(services, place, row, {
    title: vscode.l10n.t("Recreate Environment"),
    placeholder: vscode.l10n.t("Select the environment to delete and create again"),
    serves: (environment) => !isOfMachine(environment),
  });
  if (environment === undefined) {
    return false;
  }
  const { name, prefix } = environment;
  const agreed = await agrees(
    vscode.l10n.t("Recreate {0}?", name),
    existsSync(prefix)
      ? vscode.l10n.t("The folder {0} and everything in it will be deleted, and the project's dependencies reinstalled.", await realPath(prefix))
      : vscode.l10n.t("The folder {0} does not exist. It will be created, and the project's dependencies installed in it.", prefix),
    vscode.l10n.t("Recreate"),
  );
  if (!agreed) {
    return false;
  }
  const params = { uri: place.toString(), environment: prefix, recreate: true };
  const done = await withProgress(services.helper, Sync, params, vscode.l10n.t("Recreating {0}", name));
  await services.interpreters.refresh();
  void vscode.window.showInformationMessage(syncMessage(done, name));
  return true;
}

async function deleteOne(services: Services, notifications: Notifications, place: vscode.Uri, row: unknown): Promise<void> {
  if (!(await isTrustedTo("change"))) {
    return;
  }
  const environment = await whichEnvironment(services, place, row, {
    title: vscode.l10n.t("Delete Environment"),
    placeholder: vscode.l10n.t("Select the environment to delete"),
    serves: (environment) => !isOfMachine(environment),
  });
  if (environment === undefined) {
    return;
  }
  const { name, prefix } = environment;
  const real = await realPath(prefix);
  const detail = vscode.l10n.t("The folder {0} and everything in it will be deleted.", real);
  if (!(await agrees(vscode.l10n.t("Delete {0}?", name), detail, vscode.l10n.t("Delete")))) {
    return;
  }
  const { root } = await services.interpreters.resolve(place.toString());
  notifications.suppressCreateOffer(root);
  const done = await deleted(services, place, environment, real);
  if (done === undefined) {
    return;
  }
  await services.interpreters.refresh();
  const now = done.forgotten ? (await services.interpreters.resolve(place.toString())).environment : undefined;
  void vscode.window.showInformationMessage(deletedMessage(name, now));
}

/** Delete an environment; one outside of the project only after a second confirmation. */
async function deleted(
  { helper }: Services,
  place: vscode.Uri,
  { name, prefix }: Environment,
  real: string,
): Promise<DeleteResult | undefined> {
  const params = { uri: place.toString(), environment: prefix };
  const title = vscode.l10n.t("Deleting {0}", name);
  try {
    return await withProgress(helper, Delete, params, title);
  } catch (error) {
    if (!(error instanceof HelperError && error.code === "outside_project")) {
      throw error;
    }
  }
  const agreed = await agrees(
    vscode.l10n.t("{0} is outside of the project. Delete it anyway?", name),
    vscode.l10n.t("Other projects may use {0}, too.", real),
    vscode.l10n.t("Delete Outside of the Project"),
  );
  return agreed ? withProgress(helper, Delete, { ...params, outside: true }, title) : undefined;
}

/** Open the folder: in the system's file manager, else in the Explorer, else in a window of its own. */
async function open(services: Services, place: vscode.Uri, row: unknown): Promise<void> {
  const environment = await whichEnvironment(services, place, row, {
    title: vscode.l10n.t("Open Environment Folder"),
    placeholder: vscode.l10n.t("Select an environment"),
  });
  if (environment === undefined) {
    return;
  }
  const { prefix } = environment;
  const folder = vscode.Uri.file(prefix);
  if (vscode.env.uiKind === vscode.UIKind.Desktop && vscode.env.remoteName === undefined) {
    await vscode.commands.executeCommand("revealFileInOS", folder);
  } else if (workspaceFolders().some(({ path }) => isInside(process.platform, path, prefix))) {
    await vscode.commands.executeCommand("revealInExplorer", folder);
  } else {
    await vscode.commands.executeCommand("vscode.openFolder", folder, { forceNewWindow: true });
  }
}

async function copy(
  services: Services,
  place: vscode.Uri,
  row: unknown,
  pathOf: (environment: Environment) => string | null,
): Promise<void> {
  const environment = await whichEnvironment(services, place, row, {
    title: vscode.l10n.t("Copy Path"),
    placeholder: vscode.l10n.t("Select an environment"),
    serves: (one) => pathOf(one) !== null,
  });
  const path = environment === undefined ? null : pathOf(environment);
  if (path !== null) {
    await vscode.env.clipboard.writeText(path);
    vscode.window.setStatusBarMessage(vscode.l10n.t("Copied {0}", path), STATUS_MESSAGE_MS);
  }
}

const STATUS_MESSAGE_MS = 4_000;

/** Ask for confirmation before something is deleted. */
async function agrees(question: string, detail: string, yes: string): Promise<boolean> {
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, yes)) === yes;
}

/** Return the real path of a folder, or the path itself if the folder is gone. */
async function realPath(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}
