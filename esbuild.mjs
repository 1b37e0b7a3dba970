// Bundles the extension: one CommonJS file, with `vscode` left to the editor, and
// the licences of all that went into it.
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { build } from "esbuild";

const [outfolder = "dist"] = process.argv.slice(2);

const { metafile } = await build({
  entryPoints: ["extension/extension.ts"],
  outfile: join(outfolder, "extension.js"),
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  external: ["vscode"],
  // ES modules make the smaller bundle; some packages exist as CommonJS only.
  mainFields: ["module", "main"],
  minify: true,
  keepNames: true,
  legalComments: "none",
  logLevel: "warning",
  metafile: true,
});

/** @type {Set<string>} */
const packages = new Set();
for (const input of Object.keys(metafile.inputs)) {
  const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
  if (found?.[1] !== undefined) {
    packages.add(found[1]);
  }
}
const notices = [];
for (const folder of [...packages].sort()) {
  const licence = (await readdir(folder)).find((name) => /^licen[cs]e/i.test(name));
  if (licence === undefined) {
    throw new Error(`${folder} goes into the bundle and has no licence file`);
  }
  const name = folder.replace(/^.*node_modules\//, "");
  notices.push(`${name}\n\n${(await readFile(join(folder, licence), "utf8")).trim()}\n`);
}
await writeFile(join(outfolder, "extension.licenses.txt"), notices.join(`\n${"-".repeat(72)}\n\n`));
