// The texts of the extension that can be translated, gathered from its sources.
import { readFile } from "node:fs/promises";

import { getL10nJson } from "@vscode/l10n-dev";

import { filesBelow } from "./once.mjs";
import { inRoot } from "./paths.mjs";

/** The file that VS Code, and translators, read. */
export const bundle = inRoot("l10n", "bundle.l10n.json");

/**
 * Generate the content of the bundle from the sources.
 *
 * @returns {Promise<string>}
 */
export async function gatheredTexts() {
  const sources = (await filesBelow(inRoot("extension"))).filter((file) => file.endsWith(".ts"));
  const contents = await Promise.all(sources.map(async (file) => readFile(file, "utf8")));
  const texts = await getL10nJson(contents.map((text) => ({ contents: text, extension: ".ts" })));
  const sorted = Object.fromEntries(Object.entries(texts).sort(([left], [right]) => (left < right ? -1 : 1)));
  return `${JSON.stringify(sorted, undefined, 2)}\n`;
}
