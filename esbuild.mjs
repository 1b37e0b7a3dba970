// Bundles the extension: one CommonJS file, with `vscode` left to the editor.
import { build } from "esbuild";

await build({
  entryPoints: ["extension/extension.ts"],
  outfile: "dist/extension.js",
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  external: ["vscode"],
  // The ES module build of the language client is the smaller one; some of its
  // parts exist as CommonJS only.
  mainFields: ["module", "main"],
  minify: true,
  keepNames: true,
  sourcemap: false,
  legalComments: "none",
  logLevel: "warning",
});
