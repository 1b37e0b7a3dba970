/** Finds the environment that a command is about: that of its row, the only one, or the one that the user picks. */
import { homedir } from "node:os";

import * as vscode from "vscode";

import { pickerRows } from "../core/picker.ts";
import { environmentOf } from "../core/commandTarget.ts";
import { type Environment, Environments } from "../protocol.ts";
import type { Services } from "./services.ts";

/** The quick pick where there are several environments. */
export interface Wanted {
  readonly title: string;
  readonly placeholder: string;
  /** Returns whether an environment may be picked; all may unless given. */
  readonly serves?: (environment: Environment) => boolean;
}

/**
 * Return one environment of a place; undefined when the user canceled, or after a message that there is none. Rejects
 * with HelperError.
 */
export async function whichEnvironment(
  { helper }: Services,
  place: vscode.Uri,
  argument: unknown,
  { placeholder, serves = () => true, title }: Wanted,
): Promise<Environment | undefined> {
  const environment = environmentOf(argument);
  if (environment !== undefined && serves(environment)) {
    return environment;
  }
  const found = await helper.request(Environments, { uri: place.toString(), pythons: false });
  const environments = found.environments.filter(serves);
  const [first, ...others] = environments;
  if (first === undefined) {
    await tellNone(place);
    return undefined;
  }
  if (others.length === 0) {
    return first;
  }
  const display = { platform: process.platform, home: homedir() };
  const items = pickerRows({ ...found, environments, pythons: [] }, display).flatMap((row) => {
    if (row.kind === "separator" || row.environment === undefined) {
      return [];
    }
    const { description, detail, environment, label } = row;
    return [{ description, detail, environment, label }];
  });
  const options = { title, placeHolder: placeholder, matchOnDescription: true, matchOnDetail: true };
  const picked = await vscode.window.showQuickPick(items, options);
  return picked?.environment;
}

async function tellNone(place: vscode.Uri): Promise<void> {
  const create = vscode.l10n.t("Create Environment");
  const choice = await vscode.window.showInformationMessage(vscode.l10n.t("This project has no environment yet."), create);
  if (choice === create) {
    await vscode.commands.executeCommand("pythonWorkflow.createEnvironment", place);
  }
}
