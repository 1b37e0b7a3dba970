/** Shows in the Testing view why the tests of a project cannot run, with a link to the command that fixes it. */
import * as vscode from "vscode";

import { Install } from "../../acts.ts";
import type { Subject } from "../../core/commandTarget.ts";
import type { TestProblem } from "../../testActs.ts";
import type { Services } from "../services.ts";
import { withProgress } from "../progress.ts";
import { isTrustedTo } from "../restricted.ts";

/** The command that installs a package that tests need, for links and buttons of this feature. */
export const INSTALL_COMMAND = "installForTests";

/** The argument of the command: a package, and where to install it. */
interface InstallArgument {
  readonly uri: string;
  /** The environment's folder. */
  readonly environment: string;
  readonly package: string;
}

/** Return the message for a problem of the project of `uri`. */
export function problemMessage(problem: TestProblem, uri: string): vscode.MarkdownString {
  const message = new vscode.MarkdownString();
  const { argument, command, title } = action(problem, uri);
  message.isTrusted = { enabledCommands: [command] };
  const query = argument === undefined ? "" : `?${encodeURIComponent(JSON.stringify([argument]))}`;
  // The view shows the message on one line, and cuts it off if the view is narrow, so the link comes first.
  return message.appendMarkdown(`[${title}](command:${command}${query}) `).appendText(problemText(problem));
}

/** Return a problem as a sentence, in the user's language. */
export function problemText({ code, environment, message, package: missing }: TestProblem): string {
  const name = environment?.name ?? "";
  switch (code) {
    case "not_trusted":
      return vscode.l10n.t("Tests are shown from source until you trust this folder.");
    case "broken":
      return vscode.l10n.t("{0} is broken.", name);
    case "tool_not_installed":
      return vscode.l10n.t("{0} is not installed in {1}.", missing ?? "pytest", name);
    case "not_found":
      return environment === null ? vscode.l10n.t("There is no environment to run the tests in.") : message;
  }
}

function action({ code, environment, package: missing }: TestProblem, uri: string): {
  readonly title: string;
  readonly command: string;
  readonly argument?: Subject | InstallArgument;
} {
  const row: Subject = { kind: "row", uri };
  switch (code) {
    case "not_trusted":
      return { title: vscode.l10n.t("Manage Workspace Trust"), command: "workbench.trust.manage" };
    case "broken":
      return {
        title: vscode.l10n.t("Recreate"),
        command: "pythonWorkflow.recreateEnvironment",
        argument: environment === null ? row : { ...row, environment },
      };
    case "tool_not_installed": {
      const argument = { uri, environment: environment?.prefix ?? "", package: missing ?? "pytest" };
      return { title: vscode.l10n.t("Install {0}", argument.package), command: `pythonWorkflow.${INSTALL_COMMAND}`, argument };
    }
    case "not_found":
      return { title: vscode.l10n.t("Create Environment"), command: "pythonWorkflow.createEnvironment", argument: row };
  }
}

/** Register the command of the message's link; `done` is called for the project afterwards. */
export function registerInstall(services: Services, done: (uri: string) => void): vscode.Disposable {
  return services.commands.plain(INSTALL_COMMAND, async (argument) => {
    if (isInstallArgument(argument) && (await isTrustedTo("change"))) {
      const { environment, package: name, uri } = argument;
      await withProgress(services.helper, Install, { uri, environment, packages: [name] }, vscode.l10n.t("Installing {0}", name));
      done(uri);
    }
  });
}

/** Show that a package is missing, and install it if the user agrees; return whether it was tried. */
export async function offerToInstall(missing: InstallArgument, message: string): Promise<boolean> {
  const install = vscode.l10n.t("Install {0}", missing.package);
  if ((await vscode.window.showErrorMessage(message, install)) !== install) {
    return false;
  }
  await vscode.commands.executeCommand(`pythonWorkflow.${INSTALL_COMMAND}`, missing);
  return true;
}

function isInstallArgument(value: unknown): value is InstallArgument {
  const install = (value ?? {}) as Partial<Record<keyof InstallArgument, unknown>>;
  return [install.uri, install.environment, install.package].every((part) => typeof part === "string" && part !== "");
}
