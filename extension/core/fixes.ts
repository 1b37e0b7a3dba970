/** What mends a failure: a command of ours that a button of its message runs. */
import * as l10n from "@vscode/l10n";

/** A button, and the command that it runs, about the same place. */
export interface Fix {
  readonly title: string;
  /** By its name after `pythonWorkflow.`, or whole where it is the editor's own. */
  readonly command: string;
}

/** @param code the helper's own name for what went wrong; undefined for another kind of failure */
export function fixFor(code: string | undefined): Fix | undefined {
  switch (code) {
    case "not_found":
      return { title: l10n.t("Create Environment"), command: "createEnvironment" };
    case "broken":
    case "already_exists":
    case "name_conflict":
      return { title: l10n.t("Recreate Environment"), command: "recreateEnvironment" };
    case "lock_outdated":
    case "out_of_sync":
      return { title: l10n.t("Sync Environment"), command: "syncEnvironment" };
    case "tool_not_installed":
    case "python_unavailable":
      return { title: l10n.t("Create Another Way"), command: "createEnvironment" };
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
      return { title: l10n.t("Manage Workspace Trust"), command: "workbench.trust.manage" };
    case undefined:
    default:
      return undefined;
  }
}
