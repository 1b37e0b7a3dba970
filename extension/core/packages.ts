/** The rows of "Manage Packages...", the requirements that the user types, and messages about changes. */
import * as l10n from "@vscode/l10n";

import type { Changes, Package } from "../acts.ts";

/** What choosing a row of "Manage Packages..." does. */
export type PackageAction =
  | { readonly kind: "install"; readonly typed: string }
  | { readonly kind: "package"; readonly package: Package };

/** A row, or the heading of those that follow. */
export type PackageRow =
  | { readonly kind: "separator"; readonly label: string }
  | {
      readonly kind: "choice";
      readonly label: string;
      readonly description: string;
      readonly detail: string;
      readonly action: PackageAction;
    };

/**
 * Return the rows: to install what the user typed, then the installed packages.
 *
 * @param typed what is in the box
 * @param workflow the name of the one that governs, where it is known
 */
export function packageRows(
  packages: readonly Package[],
  typed: string,
  workflow: string | undefined,
): readonly PackageRow[] {
  const requirements = typed.trim();
  return [
    {
      kind: "choice",
      label: requirements === "" ? `$(add) ${l10n.t("Install packages...")}` : `$(add) ${l10n.t("Install {0}", requirements)}`,
      description: "",
      detail: whoseDependencies(workflow),
      action: { kind: "install", typed: requirements },
    },
    { kind: "separator", label: packages.length === 0 ? l10n.t("Nothing is installed") : l10n.t("Installed") },
    ...packages.map((found): PackageRow => ({
      kind: "choice",
      label: `$(package) ${found.name}`,
      description: found.version,
      detail: "",
      action: { kind: "package", package: found },
    })),
  ];
}

/** The file in which a bundled workflow keeps what its projects depend on. */
const MANIFESTS: Readonly<Record<string, string>> = {
  uv: "pyproject.toml",
  pdm: "pyproject.toml",
  poetry: "pyproject.toml",
  hatch: "pyproject.toml",
  pipenv: "Pipfile",
  conda: "environment.yml",
};

/** Return the note that installed packages are not added to the project, and that a sync may remove them. */
export function whoseDependencies(workflow: string | undefined): string {
  const manifest = workflow === undefined ? undefined : MANIFESTS[workflow];
  return workflow === undefined || manifest === undefined
    ? l10n.t("They are not added to what the project declares")
    : l10n.t("They are not added to {0}, and a later sync may remove them", manifest);
}

/** Split a line into requirements at the spaces between them; a requirement may contain spaces, too. */
export function requirementsIn(typed: string): readonly string[] {
  const found: string[] = [];
  for (const word of typed.trim().split(/\s+/)) {
    const before = found.at(-1);
    if (before !== undefined && /^[\p{L}\p{N}._-]+,$/u.test(before)) {
      // A comma between bare names is what one writes in a sentence.
      found.splice(-1, 1, before.slice(0, -1), word);
      continue;
    }
    // A marker goes on to the end; an operator, a comma or an open bracket wants what follows or goes before.
    const goesOn =
      before !== undefined && (before.includes(";") || /(?:[<>=!~,@[(]|===)$/.test(before) || /^[<>=!~,@;[\])]/.test(word));
    if (goesOn) {
      found[found.length - 1] = `${before} ${word}`;
    } else if (word !== "") {
      found.push(word);
    }
  }
  return found;
}

/** Return why the typed text is not a valid list of requirements; undefined if it may be one. */
export function whyNotRequirements(typed: string): string | undefined {
  const requirements = requirementsIn(typed);
  if (requirements.length === 0) {
    return l10n.t("Enter at least one package, such as requests or flask>=3.");
  }
  const odd = requirements.find((one) => !/^[\p{L}\p{N}]/u.test(one));
  return odd === undefined ? undefined : l10n.t("{0} is not the name of a package.", odd);
}

/**
 * Return a message about what was done, with a note where a later sync may undo it.
 *
 * @param name what the environment is called
 * @param workflow the name of the one that governs, where it is known
 */
export function changesTold(done: Changes, name: string, workflow: string | undefined): string {
  const { changed, installed, removed } = done;
  if (!changed) {
    return l10n.t("{0} already has these packages. Nothing was changed.", name);
  }
  const parts = [
    ...(installed.length > 0 ? [l10n.t("{0} installed", named(installed))] : []),
    ...(removed.length > 0 ? [l10n.t("{0} removed", named(removed))] : []),
  ];
  const what = parts.length === 0 ? l10n.t("The packages of {0} were changed.", name) : `${name}: ${parts.join(", ")}.`;
  const manifest = workflow === undefined ? undefined : MANIFESTS[workflow];
  return workflow === undefined || manifest === undefined
    ? what
    : `${what} ${l10n.t("{0} was not changed: a later sync may undo this.", manifest)}`;
}

const MOST_NAMED = 4;

function named(packages: readonly Package[]): string {
  const names = packages.map(({ name, version }) => `${name} ${version}`.trim());
  const rest = names.length - MOST_NAMED;
  return rest > 1
    ? l10n.t("{0} and {1} more", names.slice(0, MOST_NAMED).join(", "), rest)
    : names.join(", ");
}
