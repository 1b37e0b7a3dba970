import { readFile } from "node:fs/promises";

import { expect, test } from "vitest";

import { editorSchema, schemaFile } from "../../scripts/lib/editor-schema.mjs";

test("the document of what editors and the helper say is of the types that the extension has: 'npm run editor-schema' renews it", async () => {
  expect(await readFile(schemaFile, "utf8")).toBe(editorSchema());
}, 60_000);
