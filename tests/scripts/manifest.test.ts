import { readFile } from "node:fs/promises";

import { expect, test } from "vitest";

import { inRoot } from "../../scripts/lib/paths.mjs";

interface Manifest {
  readonly version: string;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly engines: { readonly vscode: string };
  readonly contributes: {
    readonly walkthroughs: readonly { readonly steps: readonly { readonly media: { readonly svg: string } }[] }[];
    readonly configuration: {
      readonly properties: Readonly<Record<string, { readonly scope: string; readonly type?: string }>>;
    };
  };
}

const text = async (...path: string[]): Promise<string> => readFile(inRoot(...path), "utf8");

const manifest = JSON.parse(await text("package.json")) as Manifest;

test("the extension and the three distributions that it carries have one version", async () => {
  for (const [distribution, name, needs] of [
    ["protocol", "workflow_server", []],
    ["helper", "workflow_helper", ["workflow-server"]],
    ["launcher", "python_launcher", ["workflow-server", "python-workflow-helper"]],
  ] as const) {
    const metadata = await text("python_helper", distribution, "pyproject.toml");
    expect(metadata).toContain(`\nversion = "${manifest.version}"\n`);
    for (const needed of needs) {
      expect(metadata).toContain(`"${needed}==${manifest.version}"`);
    }
    expect(await text("python_helper", distribution, "src", name, "__init__.py")).toContain(
      `\n__version__ = "${manifest.version}"\n`,
    );
  }
});

test("a folder can turn something on or off, and set nothing else", () => {
  for (const [name, { scope, type }] of Object.entries(manifest.contributes.configuration.properties)) {
    expect(["application", "machine", ...(type === "boolean" ? ["resource"] : [])], name).toContain(scope);
  }
});

test("the extension is compiled against the oldest VS Code that it runs in", () => {
  expect(manifest.engines.vscode).toBe(`^${manifest.devDependencies["@types/vscode"] ?? ""}`);
});

test.each([
  ["package-lock.json"],
  ["python_helper", "requirements-dev.txt"],
  ["python_helper", "requirements-bundle.txt"],
])("%s %s names no server to download from", async (...path) => {
  const places = (await text(...path)).split("\n").filter((line) => /"resolved"|index-url|find-links/.test(line));

  expect(places).toEqual([]);
});

test("every library that the extension carries is locked by its hash", async () => {
  const requirements = (await text("python_helper", "requirements-bundle.txt")).split(/\n(?=\S)/);

  expect(requirements.filter((entry) => /^\w/.test(entry) && !entry.includes("--hash=sha256:"))).toEqual([]);
  // A condition would leave it out on the Python that makes the package, not on the one that runs it.
  expect(requirements.filter((entry) => entry.includes(";"))).toEqual([]);
});

test("the pictures of the walkthrough take each color from the theme, in the one way that VS Code applies", async () => {
  const pictures = manifest.contributes.walkthroughs.flatMap(({ steps }) => steps.map(({ media }) => media.svg));

  expect(pictures).toHaveLength(6);
  for (const picture of pictures) {
    const drawing = await text(...picture.split("/"));
    expect(drawing, picture).toMatch(/<title>\S/);
    // It passes over style sheets, so that all would be black.
    expect(drawing, picture).not.toMatch(/<style|style=|class=/);
    const colors = [...drawing.matchAll(/ (?:fill|stroke)="([^"]*)"/g)].map(([, color]) => color);
    expect(colors.filter((color) => color !== "none" && color?.startsWith("var(--vscode-") !== true), picture).toEqual([]);
  }
});
