/** The choices of "Install Python..." and "Uninstall Tool...". */
import * as l10n from "@vscode/l10n";

import { isTable } from "./decode.ts";
import type { Row } from "./creationChoices.ts";

/** Return the releases that can be installed, the newest first; the row without a value lets the user enter another one. */
export function releaseRows(installable: readonly string[]): readonly Row<string | undefined>[] {
  return [
    ...newestFirst(installable).map((release) => ({
      label: `Python ${release}`,
      description: l10n.t("not on this machine yet"),
      detail: "",
      value: release,
    })),
    { label: l10n.t("Enter a version..."), description: "", detail: l10n.t("Such as 3.12.4, 3.14t or pypy3.10"), value: undefined },
  ];
}

/** Return the tools that are installed, from the output of `tool list --json`; none where it cannot be read. */
export function toolRows(printed: string): readonly Row<string>[] {
  let list: unknown;
  try {
    list = JSON.parse(printed);
  } catch {
    return [];
  }
  const tools: readonly unknown[] = isTable(list) && Array.isArray(list["tools"]) ? list["tools"] : [];
  return tools.flatMap((tool) => {
    if (!isTable(tool) || typeof tool["name"] !== "string") {
      return [];
    }
    const { name, version } = tool;
    return [{ label: name, description: typeof version === "string" ? version : "", detail: "", value: name }];
  });
}

function newestFirst(releases: readonly string[]): readonly string[] {
  const minor = (release: string): number => Number(release.split(".")[1] ?? 0);
  return [...releases].sort((left, right) => minor(right) - minor(left));
}
