/** Messages about whether an environment is in sync, and about changes to it. */
import * as l10n from "@vscode/l10n";

import type { CheckResult, SyncResult } from "../acts.ts";
import { asSentence } from "./displayText.ts";
import type { Environment } from "../protocol.ts";

/** Return why an environment is out of sync; undefined where it is not, or where that is unknown. */
export function outOfSyncReason(checked: CheckResult): string | undefined {
  return checked.state === "out_of_sync" ? checked.message : undefined;
}

/** The message about a check, and whether a sync can fix what is wrong. */
export interface CheckMessage {
  readonly text: string;
  readonly canSync: boolean;
}

/** Return the message about a check of the environment that is called `name`. */
export function checkMessage(checked: CheckResult, name: string): CheckMessage {
  switch (checked.state) {
    case "in_sync":
      return { text: l10n.t("{0} is up to date.", name), canSync: false };
    case "unknown":
      return { text: l10n.t("{0} works. Can't tell whether it is up to date: {1}", name, withPeriod(checked.message)), canSync: false };
    case "none":
      return { text: l10n.t("This project has no environment yet."), canSync: false };
    case "broken":
      return { text: asSentence(checked.message), canSync: true };
    case "out_of_sync":
      return { text: l10n.t("{0} is out of date: {1}", name, withPeriod(checked.message)), canSync: true };
  }
}

/** Return the message about a sync of the environment that is called `name`. */
export function syncMessage(done: SyncResult, name: string): string {
  if (done.recreated) {
    return l10n.t("{0} was recreated.", name);
  }
  if (!done.changed) {
    return l10n.t("{0} was already up to date.", name);
  }
  const { installed, removed } = done;
  const parts = [
    ...(installed.length > 0 ? [l10n.t("{0} installed", installed.length)] : []),
    ...(removed.length > 0 ? [l10n.t("{0} removed", removed.length)] : []),
  ];
  return l10n.t("{0} is now up to date: {1}.", name, parts.join(", "));
}

function withPeriod(clause: string): string {
  return clause.endsWith(".") ? clause : `${clause}.`;
}

/**
 * Return the message about a deleted environment.
 *
 * @param name what it was called
 * @param now the environment in use since, null for none; undefined where the deleted environment was not the selected one
 */
export function deletedMessage(name: string, now: Environment | null | undefined): string {
  const gone = l10n.t('Deleted "{0}".', name);
  if (now === undefined) {
    return gone;
  }
  const next = now === null ? l10n.t("The project has no environment now.") : l10n.t("The project now uses {0}.", now.name);
  return `${gone} ${next}`;
}
