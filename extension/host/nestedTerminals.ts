/** Gives terminals that the user opens in a nested project the environment of that project. */
import { basename } from "node:path";

import * as vscode from "vscode";

import { HelperError } from "../core/client.ts";
import { isJustOpened } from "../core/nestedTerminals.ts";
import type { Services } from "./services.ts";
import { shellTerminal } from "./running.ts";
import { howToStart, isContested, NoEnvironment } from "./starting.ts";
import { activatesTerminals } from "./terminals.ts";

/**
 * Reopen such terminals with the variables of their own project.
 *
 * VS Code has one set of variables for all terminals of an open folder, and no event before it opens one. So a terminal
 * that was just opened, and not used yet, is replaced.
 */
export function registerNestedTerminals(services: Services): vscode.Disposable {
  return vscode.window.onDidOpenTerminal((terminal) => void replaced(services, terminal));
}

async function replaced(services: Services, terminal: vscode.Terminal): Promise<void> {
  const place = placeOf(terminal);
  const folder = place === undefined ? undefined : vscode.workspace.getWorkspaceFolder(place);
  if (place === undefined || folder === undefined || folder.uri.toString() === place.toString() || !activatesTerminals(folder)) {
    return;
  }
  try {
    const how = await howToStart(services, place, []);
    if (!isContested(services, place, how.environment.prefix) || !isUntouched(terminal)) {
      return;
    }
    const name = `${basename(how.root)} (${how.environment.name})`;
    const next = shellTerminal({ ...how, command: { ...how.command, cwd: place.fsPath } }, true, { name });
    next.show();
    terminal.dispose();
  } catch (error) {
    if (!(error instanceof NoEnvironment || error instanceof HelperError)) {
      throw error;
    }
    services.log.debug(`The terminal in ${place.fsPath} is not changed: ${error.message}`);
  }
}

/** Return the folder that a terminal was opened in, if it is a shell that was not used yet. */
function placeOf(terminal: vscode.Terminal): vscode.Uri | undefined {
  const options = terminal.creationOptions;
  if ("pty" in options || !isUntouched(terminal)) {
    return undefined;
  }
  return typeof options.cwd === "string" ? vscode.Uri.file(options.cwd) : options.cwd;
}

function isUntouched(terminal: vscode.Terminal): boolean {
  const { creationOptions: options, exitStatus, state } = terminal;
  const creation = "pty" in options ? { iconPath: options } : options;
  return isJustOpened({ ...creation, isUsed: state.isInteractedWith, hasEnded: exitStatus !== undefined }, vscode.env.shell);
}
