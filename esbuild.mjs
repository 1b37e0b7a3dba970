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
  const name = folder.replace(/^.*node_modules\//, "");
  notices.push(`${name}\n\n${await licenceOf(folder)}\n`);
}
await writeFile(join(outfolder, "extension.licenses.txt"), notices.join(`\n${"-".repeat(72)}\n\n`));

/**
 * The text of a package's licence, or what its manifest says of it where it ships none.
 *
 * @param {string} folder
 * @returns {Promise<string>}
 */
async function licenceOf(folder) {
  const file = (await readdir(folder)).find((name) => /^licen[cs]e/i.test(name));
  if (file !== undefined) {
    return (await readFile(join(folder, file), "utf8")).trim();
  }
  const manifest = /** @type {unknown} */ (JSON.parse(await readFile(join(folder, "package.json"), "utf8")));
  const { author, license } = /** @type {{author?: string | {name: string}, license?: string}} */ (manifest);
  if (license === undefined || author === undefined) {
    throw new Error(`${folder} goes into the bundle and says neither its licence nor its author`);
  }
  return `${license}, by ${typeof author === "string" ? author : author.name}`;
}
