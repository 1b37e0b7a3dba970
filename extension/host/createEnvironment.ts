/** "Create Environment". */
import { lstatSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";

import * as vscode from "vscode";

import { Create } from "../acts.ts";
import type { HelperClient } from "../core/client.ts";
import {
  DEFAULT_ENVIRONMENT_NAME,
  DEFAULT_SERVER_NAME,
  proposedName,
  whyNotName,
} from "../core/names.ts";
import { shortenHome } from "../core/paths.ts";
import { type Environment, Environments, Explain, type Workflow } from "../protocol.ts";
import type { Interpreters } from "./interpreters.ts";
import type { Parts } from "./parts.ts";
import { remember } from "./picker.ts";
import { isTrustedToWork, withProgress } from "./progress.ts";

/** "Create Environment". */
export function registerCreateEnvironment({ commands, helper, interpreters }: Parts): vscode.Disposable {
  return commands.about("createEnvironment", async (place) =>
    createEnvironment(helper, interpreters, place),
  );
}

/**
 * Asks for a name and a Python, makes the environment, and selects it.
 *
 * Rejects with HelperError, or with Cancelled when the user cancelled it.
 */
async function createEnvironment(
  helper: HelperClient,
  interpreters: Interpreters,
  place: vscode.Uri,
): Promise<void> {
  if (!(await isTrustedToWork())) {
    return;
  }
  const uri = place.toString();
  const [{ environments, pythons, root }, { workflow }] = await Promise.all([
    helper.request(Environments, { uri }),
    helper.request(Explain, { uri }),
  ]);
  const name = namesItself(workflow) ? "" : await askName(root, environments, serverOf(workflow));
  if (name === undefined) {
    return;
  }
  const python = await askPython(pythons);
  if (python === undefined) {
    return;
  }
  const params = { uri, ...(name === "" ? {} : { name }), ...(python === "" ? {} : { python }) };
  const title = `Creating ${name === "" ? "an environment" : name} in ${basename(root)}`;
  const { environment } = await withProgress(helper, Create, params, title);
  await remember(helper, interpreters, uri, environment.prefix);
}

/** Whether a tool makes the environment under its own name for it. */
function namesItself(workflow: Workflow | null): boolean {
  return workflow?.launch?.["bundled"] !== undefined && workflow.name !== "venv";
}

/** The workflow whose server makes the environment, where it likes; undefined where it becomes a folder in the root. */
function serverOf(workflow: Workflow | null): Workflow | undefined {
  const launch = workflow?.launch ?? null;
  return workflow === null || launch === null || "bundled" in launch ? undefined : workflow;
}

async function askName(
  root: string,
  environments: readonly Environment[],
  server: Workflow | undefined,
): Promise<string | undefined> {
  const names = new Set(environments.map((environment) => environment.name));
  const isTaken = (name: string): boolean =>
    names.has(name) || (server === undefined && exists(join(root, name)));
  return vscode.window.showInputBox({
    title: vscode.l10n.t("Create Environment in {0}", shortenHome(process.platform, homedir(), root)),
    prompt:
      server === undefined
        ? "The name of the new environment. Every tool finds .venv by itself."
        : `The name of the new environment. The workflow ${server.name} makes it, where it keeps its own.`,
    value: proposedName(isTaken, server === undefined ? DEFAULT_ENVIRONMENT_NAME : DEFAULT_SERVER_NAME),
    ignoreFocusOut: true,
    validateInput: (name) =>
      whyNotName(name) ?? (isTaken(name) ? `${name} is there already; nothing is overwritten.` : undefined),
  });
}

/** An absolute path, the empty string to leave it to the helper, or undefined when the user cancelled. */
async function askPython(pythons: readonly Environment[]): Promise<string | undefined> {
  const usable = pythons.filter((python) => python.status.state === "ok");
  const listed = usable.flatMap((python) => {
    const path = python.interpreter_path;
    const label = `Python ${python.python_version ?? ""}`.trimEnd();
    return path === null
      ? []
      : [{ label, description: shortenHome(process.platform, homedir(), path), path }];
  });
  const suited = {
    label: "The one that suits the project",
    description: "chosen by the workflow, else the newest",
    path: "",
  };
  const picked = await vscode.window.showQuickPick([suited, ...listed], {
    title: vscode.l10n.t("Create Environment"),
    placeHolder: vscode.l10n.t("The Python that the environment is made with"),
    matchOnDescription: true,
    ignoreFocusOut: true,
  });
  return picked?.path;
}

/** Whether anything is at the path, a dangling link too. */
function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
