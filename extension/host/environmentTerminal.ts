/** "New Terminal in Environment": a shell in any environment, also on another machine. */
import { basename } from "node:path";

import * as vscode from "vscode";

import { environmentOf } from "../core/commandTarget.ts";
import { plainProcess } from "../core/processes.ts";
import { SHELL_THERE } from "../core/remote.ts";
import type { Services } from "./services.ts";
import { isTrustedTo } from "./restricted.ts";
import { shellTerminal } from "./running.ts";
import { isContested, pythonFor } from "./starting.ts";

/** Register the command, which takes a row of the view, or uses the active folder. */
export function registerEnvironmentTerminal(services: Services): vscode.Disposable {
  return services.commands.about("newTerminal", async (place, row) => open(services, place, row));
}

async function open(services: Services, place: vscode.Uri, row: unknown): Promise<void> {
  if (!(await isTrustedTo("run"))) {
    return;
  }
  const again = async (): Promise<unknown> => vscode.commands.executeCommand("pythonWorkflow.newTerminal", place);
  const how = await pythonFor(services, place, [], again, { environment: environmentOf(row), there: SHELL_THERE });
  if (how === undefined) {
    return;
  }
  const { command, environment, root } = how;
  const name = `${basename(root)} (${environment.name})`;
  const contested = isContested(services, place, environment.prefix);
  if (environment.kind === "remote") {
    const { args, cwd, env, program } = plainProcess(command, process.env, process.platform, contested);
    const iconPath = new vscode.ThemeIcon("remote");
    vscode.window.createTerminal({ name, iconPath, cwd, env, shellPath: program, shellArgs: [...args] }).show();
  } else {
    shellTerminal(how, contested, { name }).show();
  }
}
