/** What is told of an environment's step with its lock. */
import * as l10n from "@vscode/l10n";

import type { CheckResult, SyncResult } from "../acts.ts";
import { asSentence } from "./displayText.ts";
import type { Environment } from "../protocol.ts";

/** What the status bar says of a check; undefined where nothing is to be said. */
export function behind(checked: CheckResult): string | undefined {
  return checked.state === "out_of_sync" ? checked.message : undefined;
}

/** What a person who asked for a check is told, and whether something is wrong that a sync mends. */
export interface Told {
  readonly text: string;
  readonly mend: boolean;
}

/** @param name what the environment is called */
export function checkTold(checked: CheckResult, name: string): Told {
  switch (checked.state) {
    case "in_sync":
      return { text: l10n.t("{0} is up to date.", name), mend: false };
    case "unknown":
      return { text: l10n.t("{0} works. Can't tell whether it is up to date: {1}", name, ended(checked.message)), mend: false };
    case "none":
      return { text: l10n.t("This project has no environment yet."), mend: false };
    case "broken":
      return { text: asSentence(checked.message), mend: true };
    case "out_of_sync":
      return { text: l10n.t("{0} is out of date: {1}", name, ended(checked.message)), mend: true };
  }
}

/** @param name what the environment is called */
export function syncTold(done: SyncResult, name: string): string {
  if (done.recreated) {
    return l10n.t("{0} was recreated.", name);
  }
  if (!done.changed) {
    return l10n.t("{0} was up to date already.", name);
  }
  const { installed, removed } = done;
  const parts = [
    ...(installed.length > 0 ? [l10n.t("{0} installed", installed.length)] : []),
    ...(removed.length > 0 ? [l10n.t("{0} removed", removed.length)] : []),
  ];
  return l10n.t("{0} is up to date now: {1}.", name, parts.join(", "));
}

function ended(clause: string): string {
  return clause.endsWith(".") ? clause : `${clause}.`;
}

/**
 * @param name what the deleted environment was called
 * @param now the one in use since, null for none; undefined where the deleted one was not the selected one
 */
export function deletedTold(name: string, now: Environment | null | undefined): string {
  const gone = l10n.t('Deleted "{0}".', name);
  if (now === undefined) {
    return gone;
  }
  const next = now === null ? l10n.t("The project has no environment now.") : l10n.t("The project now uses {0}.", now.name);
  return `${gone} ${next}`;
}
