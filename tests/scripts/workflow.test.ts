import { readFile } from "node:fs/promises";

import { expect, test } from "vitest";

import { inRoot } from "../../scripts/lib/paths.mjs";
import { stages } from "../../scripts/lib/stages.mjs";
import { oldestNode, oldestPython } from "../../scripts/lib/versions.mjs";

const workflow = await readFile(inRoot(".github", "workflows", "test.yml"), "utf8");
const { scripts } = JSON.parse(await readFile(inRoot("package.json"), "utf8")) as {
  readonly scripts: Readonly<Record<string, string>>;
};

/** What each system runs, by the beginning of its name. */
const commands = new Map(
  [...workflow.matchAll(/- system: ([a-z]+)-[\d.]+\n\s+command: (.+)\n/g)].map(([, system, command = ""]) => [system, command]),
);

test("the public workflow runs npm test on Linux, macOS and Windows, and whatever it runs is a command of package.json", () => {
  expect([...commands.keys()].sort()).toEqual(["macos", "ubuntu", "windows"]);
  for (const command of commands.values()) {
    const [, script = ""] = /^npm (?:run )?([\w:]+)/.exec(command) ?? [];
    expect(scripts).toHaveProperty(script);
    expect(script).toBe("test");
  }
});

test("where the editor cannot be set up the public workflow runs every other stage", () => {
  const others = stages.map(({ name }) => name).filter((name) => name !== "workbench");
  expect(commands.get("ubuntu")).toBe("npm test");
  expect(commands.get("macos")).toBe(`npm test -- ${others.join(" ")}`);
  expect(commands.get("windows")).toBe(`npm test -- ${others.join(" ")}`);
});

test("the public workflow brings a Node.js that is new enough, and the oldest Python that is supported", () => {
  const [, node = ""] = /node-version: (\d+)/.exec(workflow) ?? [];
  expect(Number(node)).toBeGreaterThanOrEqual(oldestNode[0] ?? Infinity);
  expect(workflow).toContain(`\n            ${oldestPython.join(".")}\n`);
});
