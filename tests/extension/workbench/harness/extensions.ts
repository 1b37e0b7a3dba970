import { copyFile, cp, mkdir } from "node:fs/promises";
import { join } from "node:path";

import { build } from "esbuild";

import { npm } from "../../../../scripts/lib/node.mjs";
import { inRoot } from "../../../../scripts/lib/paths.mjs";
import { run } from "../../../../scripts/lib/processes.mjs";
import type { Machine } from "./machine.ts";

/**
 * Make an extension of `tests/extension/workbench/extensions/` as its author would: it installs our package for other
 * extensions from what `npm pack` makes, and bundles what it imports. Resolves with its folder.
 */
export async function authored(machine: Machine, name: string): Promise<string> {
  const source = inRoot("tests", "extension", "workbench", "extensions", name);
  const folder = machine.folder(`author-of-${name}`);
  const api = join(folder, "node_modules", "@python-workflow", "api");
  await mkdir(api, { recursive: true });
  const packed = await run([...npm(), "pack", "--silent", "--pack-destination", folder, inRoot("packages", "api")]);
  await run(["tar", "xzf", join(folder, packed.trim()), "-C", api, "--strip-components=1"]);
  await cp(source, folder, { recursive: true });
  await build({
    entryPoints: [join(folder, "extension.ts")],
    outfile: join(folder, "out", "extension.js"),
    bundle: true,
    platform: "node",
    format: "cjs",
    external: ["vscode"],
    logLevel: "warning",
  });
  // What is packaged is the bundle alone.
  const created = join(folder, "made");
  await mkdir(created);
  await copyFile(join(folder, "package.json"), join(created, "package.json"));
  await copyFile(join(folder, "out", "extension.js"), join(created, "extension.js"));
  return created;
}
