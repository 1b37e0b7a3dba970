/**
 * All messages about missing trust.
 *
 * In a window only Workspace Trust decides. Whether a project's workflow may be started, the helper decides
 * (`trust/policy.py`) and gives the reason.
 */
import * as l10n from "@vscode/l10n";

/** A user's action that starts programs: to change environments, to run the workspace's code, or the machine's tools. */
export type Act = "change" | "run" | "install";

/** Return why the workspace has to be trusted for an action, as a sentence. */
export function whyTrust(act: Act): string {
  const whys: Readonly<Record<Act, string>> = {
    change: l10n.t("Trust this workspace to create or change environments."),
    run: l10n.t("Trust this workspace to run or debug code."),
    install: l10n.t("Trust this workspace to install or run tools."),
  };
  return whys[act];
}

/** Return the clause that a workflow was not started, with the helper's reason. */
export function notStarted(): string {
  return l10n.t("it is not trusted, so it was not started");
}

/** The message and the hint for other extensions. */
export const UNTRUSTED = { message: "The workspace is not trusted.", hint: "Its user has to trust it first." } as const;

/** The message for a language model. */
export const NOT_TRUSTED =
  "The workspace is in restricted mode, so nothing of it may be run, and no interpreter is given. Its user has to trust it first, with the command 'Workspaces: Manage Workspace Trust'.";
