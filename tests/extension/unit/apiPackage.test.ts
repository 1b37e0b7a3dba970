import { readFile } from "node:fs/promises";
import { compileFunction } from "node:vm";

import { expect, test, vi } from "vitest";
import ts from "typescript";

import { API_VERSION } from "../../../extension/api.ts";
import { inRoot } from "../../../scripts/lib/paths.mjs";
import manifest from "../../../package.json" with { type: "json" };
import type * as Package from "../../../packages/api/index.d.ts";
import apiManifest from "../../../packages/api/package.json" with { type: "json" };

const text = async (name: string): Promise<string> => readFile(inRoot("packages", "api", name), "utf8");

/** What the compiler says against these files, given by name. */
function complaints(files: Readonly<Record<string, string>>): readonly string[] {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.Preserve,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ["lib.es2023.d.ts", "lib.dom.d.ts"],
    types: ["vscode"],
    strict: true,
    noEmit: true,
    paths: { "@python-workflow/api": [inRoot("packages", "api", "index.d.ts")] },
  };
  const host = ts.createCompilerHost(options);
  const real = { getSourceFile: host.getSourceFile.bind(host), fileExists: host.fileExists.bind(host) };
  host.fileExists = (name) => name in files || real.fileExists(name);
  host.getSourceFile = (name, version) => {
    const written = files[name];
    return written === undefined ? real.getSourceFile(name, version) : ts.createSourceFile(name, written, version);
  };
  return ts
    .getPreEmitDiagnostics(ts.createProgram(Object.keys(files), options, host))
    .map(({ file, messageText }) => `${file?.fileName ?? ""}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`);
}

/** What the compiler may take on a machine that has other things to do. */
const compiling = { timeout: 60_000 };

test("every example of the package's README compiles against its types", compiling, async () => {
  const blocks = [...(await text("README.md")).matchAll(/```ts\n([\s\S]*?)```/g)].map(([, block]) => block ?? "");

  expect(blocks.length).toBeGreaterThan(2);
  expect(
    complaints(Object.fromEntries(blocks.map((block, index) => [inRoot("packages", `example-${index}.ts`), block]))),
  ).toEqual([]);
});

test("a program that takes a path without looking at trust does not compile", compiling, () => {
  const careless = `
    import { getApi } from "@python-workflow/api";
    import { Uri } from "vscode";
    export const path = async (): Promise<string> => (await (await getApi(1))!.getInterpreter(Uri.file("/")))!.environment!.path;
  `;

  expect(complaints({ [inRoot("packages", "careless.ts")]: careless })).toEqual([
    expect.stringContaining("Property 'environment' does not exist on type 'Untrusted'"),
  ]);
});

test("the package's function gives the API of the extension, nothing where that is missing, and says when it is too old", async () => {
  const source = await text("main.js");
  const load = (extension: unknown): typeof Package => {
    const getExtension = vi.fn(() => extension);
    const exported = {};
    // As an extension host loads it: CommonJS, with the editor as a module.
    const run = compileFunction(source, ["require", "exports"]) as (require: () => unknown, exports: object) => void;
    run(() => ({ extensions: { getExtension } }), exported);
    return exported as typeof Package;
  };
  const exports = { getApi: (version: number) => ({ version }) };

  expect(load(undefined).EXTENSION_ID).toBe(`${manifest.publisher}.${manifest.name}`);
  expect(await load(undefined).getApi(1)).toBeUndefined();
  expect(await load({ isActive: true, exports }).getApi(1)).toEqual({ version: 1 });
  expect(await load({ isActive: false, activate: async () => Promise.resolve(exports) }).getApi(1)).toEqual({ version: 1 });
  await expect(load({ isActive: true, exports: { getInterpreter: () => undefined } }).getApi(1)).rejects.toThrow("update it");
});

test("the package's version is the API's, and its changelog tells of it", async () => {
  expect(API_VERSION).toBe(apiManifest.version);
  expect(await text("CHANGELOG.md")).toContain(`\n## ${apiManifest.version}\n`);
  expect(await text("LICENSE")).toBe(await readFile(inRoot("LICENSE"), "utf8"));
});

test("the package holds types, code and texts, and depends on nothing", async () => {
  expect(apiManifest.files).toEqual(["CHANGELOG.md", "index.d.ts", "main.js"]);
  expect(apiManifest).not.toHaveProperty("dependencies");
  expect((await text("main.js")).match(/require\("[^"]+"\)/g)).toEqual(['require("vscode")']);
});
