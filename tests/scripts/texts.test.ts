import { readFile } from "node:fs/promises";

import { expect, test } from "vitest";

import { filesBelow } from "../../scripts/lib/once.mjs";
import { inRoot } from "../../scripts/lib/paths.mjs";
import { bundle, gatheredTexts } from "../../scripts/lib/texts.mjs";

test("translators find every text of the extension in the bundle: 'npm run l10n' renews it", async () => {
  expect(await readFile(bundle, "utf8")).toBe(await gatheredTexts());
}, 60_000);

test("every text of the manifest can be translated, and none is left over", async () => {
  const manifest = await readFile(inRoot("package.json"), "utf8");
  const texts = JSON.parse(await readFile(inRoot("package.nls.json"), "utf8")) as Record<string, string>;
  const used = [...manifest.matchAll(/"%([^%"]+)%"/g)].map(([, key]) => key);

  expect([...new Set(used)].sort()).toEqual(Object.keys(texts).sort());
  expect(manifest).not.toMatch(/"(title|shortTitle|category|markdownDescription|description|contents)": "(?!%)/);
});

test("no text that a person reads is written into the code beside the translator", async () => {
  const shows = /\b(show(Information|Warning|Error)Message|withProgress)\(\s*["`]|\b(title|prompt|placeHolder|placeholder): ["`](?!"|\$\([\w-]+\) \$\{vscode\.l10n\.t\()/g;
  const files = (await filesBelow(inRoot("extension", "host"))).filter((file) => file.endsWith(".ts"));
  const written = await Promise.all(
    files.map(async (file) => [...(await readFile(file, "utf8")).matchAll(shows)].map(([found]) => `${file}: ${found}`)),
  );

  expect(written.flat()).toEqual([]);
});
