// npm run editor-schema: write what editors and the helper say to each other as a JSON Schema.
import { setupNodeModules } from "./lib/node.mjs";
import { writeWhole } from "./lib/once.mjs";
import { entry } from "./lib/terminal.mjs";

await entry(async () => {
  await setupNodeModules();
  const { editorSchema, schemaFile } = await import("./lib/editor-schema.mjs");
  await writeWhole(schemaFile, editorSchema());
});
