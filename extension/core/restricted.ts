/**
 * What is said where trust is missing, in one place.
 *
 * In a window that alone decides is the editor's Workspace Trust; whether a project's workflow may be started the helper decides
 * (`trust/policy.py`), and gives the reason.
 */
import * as l10n from "@vscode/l10n";

/** What a person asks for that starts programs: work on environments, a run of the workspace's code, or the machine's tools. */
export type Act = "change" | "run" | "install";

/** Return why the workspace has to be trusted before that, as a sentence. */
export function whyTrust(act: Act): string {
  const whys: Readonly<Record<Act, string>> = {
    change: l10n.t("Trust this workspace to create or change environments."),
    run: l10n.t("Trust this workspace to run or debug code."),
    install: l10n.t("Trust this workspace to install or run tools."),
  };
  return whys[act];
}

/** Return what became of a workflow that the helper was not allowed to start, as a clause. */
export function notStarted(): string {
  return l10n.t("it is not trusted, so it was not started");
}

/** For other extensions: what happened, and what helps. */
export const UNTRUSTED = { message: "The workspace is not trusted.", hint: "Its user has to trust it first." } as const;

/** For a language model. */
export const NOT_TRUSTED =
  "The workspace is in restricted mode, so nothing of it may be run, and no interpreter is given. Its user has to trust it first, with the command 'Workspaces: Manage Workspace Trust'.";
