/** Commands that belong to no project: to install Pythons, and to install and run tools, with `wsp` in a terminal. */
import { homedir } from "node:os";

import * as vscode from "vscode";

import { CreateOptions } from "../acts.ts";
import { releaseRows, toolRows } from "../core/machineChoices.ts";
import { splitArguments } from "../core/preferenceChoices.ts";
import { TASK_TYPE } from "../core/tasks.ts";
import type { Services } from "./services.ts";
import { activePlace } from "./places.ts";
import { isTrustedTo } from "./restricted.ts";
import { enterText, pickOne, type Question } from "./wizard.ts";
import { outputOfWsp, runWsp } from "./wsp.ts";

/** A command: the `wsp` command that it runs, and how to ask for its arguments. */
interface ToolCommand {
  /** In this extension, without its prefix. */
  readonly id: string;
  readonly subcommand: readonly string[];
  /** Asks for the arguments; undefined when the user canceled. */
  readonly askArguments: (services: Services) => Promise<readonly string[] | undefined>;
}

const TOOL_COMMANDS: readonly ToolCommand[] = [
  { id: "installPython", subcommand: ["python", "install"], askArguments: askRelease },
  {
    id: "installTool",
    subcommand: ["tool", "install"],
    askArguments: async () =>
      askTypedArguments({
        title: vscode.l10n.t("Install Tool"),
        placeholder: vscode.l10n.t("Enter a tool, such as ruff, black[d] or black@24.1"),
      }),
  },
  {
    id: "runTool",
    subcommand: ["tool", "run"],
    askArguments: async () =>
      askTypedArguments({
        title: vscode.l10n.t("Run Tool"),
        placeholder: vscode.l10n.t("Enter a tool and its arguments. It doesn't have to be installed"),
      }),
  },
  { id: "upgradeTools", subcommand: ["tool", "upgrade"], askArguments: async () => Promise.resolve([]) },
  { id: "uninstallTool", subcommand: ["tool", "uninstall"], askArguments: askInstalledTool },
];

/** Register the commands. Each asks for its arguments unless one is passed, and returns whether it succeeded. */
export function registerMachineWide(services: Services): vscode.Disposable {
  return vscode.Disposable.from(
    ...TOOL_COMMANDS.map(({ askArguments, id, subcommand }) =>
      services.commands.plain(id, async (argument) => {
        if (!(await isTrustedTo("install"))) {
          return false;
        }
        const args = typeof argument === "string" ? [argument] : await askArguments(services);
        return args !== undefined && runWsp(services, subcommand, args);
      }),
    ),
    vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
      if (exitCode === 0 && isInstallingPython(execution.task)) {
        void vscode.commands.executeCommand("pythonWorkflow.refreshEnvironments");
      }
    }),
  );
}

/** Return the arguments that the user typed; undefined when the user canceled. */
async function askTypedArguments(question: Question): Promise<readonly string[] | undefined> {
  const whyNot = (text: string): string | undefined =>
    splitArguments(text) === undefined ? vscode.l10n.t("Enter a name, and close every quote.") : undefined;
  const typed = await enterText({ ...question, value: "" }, whyNot, { canGoBack: false });
  return typed === undefined || typed === "back" ? undefined : splitArguments(typed.value);
}

async function askRelease({ helper }: Services): Promise<readonly string[] | undefined> {
  const title = vscode.l10n.t("Install Python");
  const uri = (activePlace() ?? vscode.Uri.file(homedir())).toString();
  const { workflows } = await helper.request(CreateOptions, { uri });
  const installable = new Set(workflows.flatMap((tool) => tool.installable));
  // The last row has no value: the user enters a version.
  const picked = await pickOne<string | undefined>(
    { title, placeholder: vscode.l10n.t("Select a version to install") },
    releaseRows([...installable]),
    { canGoBack: false },
  );
  if (picked === undefined || picked === "back") {
    return undefined;
  }
  return picked.value === undefined
    ? askTypedArguments({ title, placeholder: vscode.l10n.t("Enter a version, such as 3.13, 3.14t or pypy3.10") })
    : [picked.value];
}

async function askInstalledTool(services: Services): Promise<readonly string[] | undefined> {
  const rows = toolRows(await outputOfWsp(services, ["tool", "list", "--json"]));
  if (rows.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t("No tool is installed."));
    return undefined;
  }
  const title = vscode.l10n.t("Uninstall Tool");
  const question = { title, placeholder: vscode.l10n.t("Select the tool to uninstall") };
  const picked = await pickOne<string>(question, rows, { canGoBack: false });
  return picked === undefined || picked === "back" ? undefined : [picked.value];
}

function isInstallingPython({ definition }: vscode.Task): boolean {
  return definition.type === TASK_TYPE && definition["wsp"] === "python install";
}
