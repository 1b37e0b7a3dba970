/** Names for new environments. */
import * as l10n from "@vscode/l10n";


/** The name that every tool looks for. */
export const DEFAULT_ENVIRONMENT_NAME = ".venv";
/** The name that makes an environment the default of a workflow server's project. */
export const DEFAULT_SERVER_NAME = "default";

const MAX_LENGTH = 64;

/** Return why a new environment cannot have a name; undefined if it can. */
export function whyNotName(name: string): string | undefined {
  if (name.trim() === "") {
    return l10n.t("Enter a name.");
  }
  if (name !== name.trim()) {
    return l10n.t("A name can't start or end with a space.");
  }
  if (name.length > MAX_LENGTH) {
    return l10n.t("A name can have at most {0} characters.", MAX_LENGTH);
  }
  if (name.startsWith("-")) {
    return l10n.t("A name can't start with a hyphen.");
  }
  if (/[/\\:]/.test(name)) {
    return l10n.t("A name can't have a slash, backslash or colon.");
  }
  if (name === "." || name.includes("..")) {
    return l10n.t("A name can't be a dot or have two dots in a row.");
  }
  if (/\p{Cc}/u.test(name)) {
    return l10n.t("A name can't have control characters.");
  }
  return undefined;
}

/** Return the name if it is free, else the first free one of `.venv-2`, `.venv-3`, ... */
export function proposedName(
  isTaken: (name: string) => boolean,
  preferred = DEFAULT_ENVIRONMENT_NAME,
): string {
  let name = preferred;
  for (let number = 2; isTaken(name); number += 1) {
    name = `${preferred}-${number}`;
  }
  return name;
}
