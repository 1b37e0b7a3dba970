// npm run l10n: gather the texts of the extension for translators.
import { setupNodeModules } from "./lib/node.mjs";
import { writeWhole } from "./lib/once.mjs";
import { entry } from "./lib/terminal.mjs";

await entry(async () => {
  await setupNodeModules();
  const { bundle, gatheredTexts } = await import("./lib/texts.mjs");
  await writeWhole(bundle, await gatheredTexts());
});
