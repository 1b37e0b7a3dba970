/** Commands that belong to no project: to install Pythons, and to install and run tools, with `wsp` in a terminal. */
import { homedir } from "node:os";

import * as vscode from "vscode";

import { CreateOptions } from "../acts.ts";
import { releaseRows, toolRows } from "../core/machineChoices.ts";
import { wordsOf } from "../core/preferenceChoices.ts";
import { TASK_TYPE } from "../core/tasks.ts";
import type { Services } from "./services.ts";
import { activePlace } from "./places.ts";
import { isTrustedTo } from "./restricted.ts";
import { enterText, pickOne, type Question } from "./wizard.ts";
import { outputOfWsp, runWsp } from "./wsp.ts";

/** A command: the `wsp` command that it runs, and how to ask for its arguments. */
interface Act {
  readonly command: string;
  readonly words: readonly string[];
  /** Asks for the arguments; undefined when the user canceled. */
  readonly more: (services: Services) => Promise<readonly string[] | undefined>;
}

const ACTS: readonly Act[] = [
  { command: "installPython", words: ["python", "install"], more: askRelease },
  {
    command: "installTool",
    words: ["tool", "install"],
    more: async () =>
      askWords({
        title: vscode.l10n.t("Install Tool"),
        placeholder: vscode.l10n.t("Enter a tool, such as ruff, black[d] or black@24.1"),
      }),
  },
  {
    command: "runTool",
    words: ["tool", "run"],
    more: async () =>
      askWords({
        title: vscode.l10n.t("Run Tool"),
        placeholder: vscode.l10n.t("Enter a tool and its arguments. It doesn't have to be installed"),
      }),
  },
  { command: "upgradeTools", words: ["tool", "upgrade"], more: async () => Promise.resolve([]) },
  { command: "uninstallTool", words: ["tool", "uninstall"], more: askInstalledTool },
];

/** Register the commands, which ask for the argument unless it is given. Each returns whether it succeeded. */
export function registerMachineWide(services: Services): vscode.Disposable {
  return vscode.Disposable.from(
    ...ACTS.map(({ command, more, words }) =>
      services.commands.plain(command, async (argument) => {
        if (!(await isTrustedTo("install"))) {
          return false;
        }
        const rest = typeof argument === "string" ? [argument] : await more(services);
        return rest !== undefined && runWsp(services, words, rest);
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
async function askWords(question: Question): Promise<readonly string[] | undefined> {
  const whyNot = (text: string): string | undefined =>
    wordsOf(text) === undefined ? vscode.l10n.t("Enter a name, and close every quote.") : undefined;
  const typed = await enterText({ ...question, value: "" }, whyNot, false);
  return typed === undefined || typed === "back" ? undefined : wordsOf(typed.value);
}

async function askRelease({ helper }: Services): Promise<readonly string[] | undefined> {
  const title = vscode.l10n.t("Install Python");
  const uri = (activePlace() ?? vscode.Uri.file(homedir())).toString();
  const { workflows } = await helper.request(CreateOptions, { uri });
  const installable = new Set(workflows.flatMap((tool) => tool.installable));
  const picked = await pickOne<string | undefined>(
    { title, placeholder: vscode.l10n.t("Select a version to install") },
    releaseRows([...installable]),
    false,
  );
  if (picked === undefined || picked === "back") {
    return undefined;
  }
  return picked.value === undefined
    ? askWords({ title, placeholder: vscode.l10n.t("Enter a version, such as 3.13, 3.14t or pypy3.10") })
    : [picked.value];
}

async function askInstalledTool(services: Services): Promise<readonly string[] | undefined> {
  const rows = toolRows(await outputOfWsp(services, ["tool", "list", "--json"]));
  if (rows.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t("No tool is installed."));
    return undefined;
  }
  const title = vscode.l10n.t("Uninstall Tool");
  const picked = await pickOne<string>({ title, placeholder: vscode.l10n.t("Select the tool to uninstall") }, rows, false);
  return picked === undefined || picked === "back" ? undefined : [picked.value];
}

function isInstallingPython({ definition }: vscode.Task): boolean {
  return definition.type === TASK_TYPE && definition["wsp"] === "python install";
}
