// Bundles the extension, with `vscode` left to the editor, and the licences of all that went into it. Three CommonJS files:
// what activation loads, the language client, which comes later, and what runs in a browser.
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { build } from "esbuild";

const [outfolder = "dist"] = process.argv.slice(2);

/**
 * Each `import * as vscode` would otherwise copy the whole API, some 600 names, once a module.
 *
 * @type {import("esbuild").Plugin}
 */
const vscodeAsItIs = {
  name: "vscode as it is",
  setup: (building) => {
    building.onLoad({ filter: /\.(ts|js)$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      return path.endsWith(".ts")
        ? { contents: text.replace(/^import \* as vscode from "vscode";$/m, 'const vscode = require("vscode");'), loader: "ts" }
        : { contents: text.replaceAll('__importStar(require("vscode"))', 'require("vscode")'), loader: "js" };
    });
  },
};

/**
 * Leaves the other file to be loaded when it is imported.
 *
 * @type {import("esbuild").Plugin}
 */
const languageClientLater = {
  name: "language client later",
  setup: (building) => {
    building.onResolve({ filter: /\/languageClient\.ts$/ }, ({ kind }) =>
      kind === "dynamic-import" ? { path: "./languageClient.js", external: true } : undefined,
    );
  },
};

const { metafile } = await build({
  entryPoints: ["extension/extension.ts", "extension/helper/languageClient.ts"],
  outdir: outfolder,
  entryNames: "[name]",
  plugins: [vscodeAsItIs, languageClientLater],
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

// For browsers without a machine: anything of Node's in it is a mistake that ends the build.
await build({
  entryPoints: ["extension/browser.ts"],
  outdir: outfolder,
  plugins: [vscodeAsItIs],
  bundle: true,
  platform: "browser",
  target: "es2022",
  format: "cjs",
  external: ["vscode"],
  minify: true,
  logLevel: "warning",
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
