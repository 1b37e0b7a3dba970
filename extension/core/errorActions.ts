/** The button on an error message that fixes the cause: it runs a command, after which the failed action is tried again. */
import * as l10n from "@vscode/l10n";

/** A button, and the command that it runs. */
export interface Fix {
  readonly title: string;
  /** Its name after `pythonWorkflow.`, or the whole name of a command of VS Code; undefined to only try again. */
  readonly command?: string;
  /** The argument of the command; the place of the failed action unless given. */
  readonly argument?: string;
}

/** The facts about a failure besides its code. */
export interface Known {
  /** The program that is not installed. */
  readonly tool?: string | undefined;
  /** The release of Python that is not installed, as `X.Y`. */
  readonly python?: string | undefined;
  /** The action is about a place outside of the open folders, which the window's trust does not cover. */
  readonly isOutside?: boolean;
}

/** The workflows' tools that can be installed by their name from a package index. */
const INSTALLABLE = new Set(["uv", "hatch", "pdm", "poetry", "pipenv", "tox", "nox"]);

/** Return the button that installs a tool; undefined for one that no package index has. */
export function toolFix(tool: string): Fix | undefined {
  return INSTALLABLE.has(tool)
    ? { title: l10n.t("Install {0}", tool), command: "installTool", argument: tool }
    : undefined;
}

/**
 * Return the button that fixes a failure; undefined where there is none.
 *
 * @param code the helper's own name for what went wrong; undefined for another kind of failure
 */
export function fixFor(code: string | undefined, { isOutside, python, tool }: Known = {}): Fix | undefined {
  const other: Fix = { title: l10n.t("Choose Another Tool"), command: "createEnvironment" };
  switch (code) {
    case "not_found":
      return { title: l10n.t("Create Environment"), command: "createEnvironment" };
    case "broken":
    case "already_exists":
    case "name_conflict":
    case "other_python":
      return { title: l10n.t("Recreate"), command: "recreateEnvironment" };
    case "lock_outdated":
    case "out_of_sync":
      return { title: l10n.t("Sync Environment"), command: "syncEnvironment" };
    case "tool_not_installed":
      return (tool === undefined ? undefined : toolFix(tool)) ?? other;
    case "python_unavailable":
      return python === undefined
        ? other
        : { title: l10n.t("Install Python {0}", python), command: "installPython", argument: python };
    case "network_unavailable":
    case "execution_failed":
    case "create_failed":
    case "locked":
      return { title: l10n.t("Try Again") };
    case "environment_not_found":
    case "last_line_unusable":
      return { title: l10n.t("Select Interpreter"), command: "selectInterpreter" };
    case "server_failed":
    case "server_not_started":
    case "server_exited":
    case "server_timed_out":
    case "server_broke_protocol":
    case "server_backing_off":
    case "method_not_found":
      return { title: l10n.t("Choose Workflow"), command: "chooseWorkflow" };
    case "not_trusted":
      if (isOutside === true) {
        return { title: l10n.t("Open Folder"), command: "vscode.openFolder" };
      }
      return { title: l10n.t("Manage Workspace Trust"), command: "workbench.trust.manage" };
    case undefined:
    default:
      return undefined;
  }
}

/** Return whether to try again once the command of a fix has succeeded. */
export function canRetryAfter({ command }: Fix): boolean {
  return command === undefined || ["createEnvironment", "recreateEnvironment", "installTool", "installPython"].includes(command);
}
