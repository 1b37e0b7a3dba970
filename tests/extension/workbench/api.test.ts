import { readFile, realpath, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { authored } from "./harness/extensions.ts";
import { expect, shown, test, type Machine } from "./harness/index.ts";

interface Told {
  readonly event: string;
  readonly told: unknown;
}

/** What the extension was told so far, in order. */
async function events(machine: Machine): Promise<readonly Told[]> {
  const text = await readFile(`${machine.home}/told.jsonl`, "utf8").catch(() => "");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Told);
}

/** All that came of using the whole API, by what was done. */
async function usedAll(machine: Machine): Promise<Readonly<Record<string, unknown>>> {
  await expect.poll(async () => events(machine), shown).toContainEqual(
    expect.objectContaining({ event: "another version" }),
  );
  return Object.fromEntries((await events(machine)).map((one) => [one.event, one.told]));
}

test("another extension asks, is told of changes, and does through the API all that a person does", async ({ machine }) => {
  const extension = await authored(machine, "observer");
  const prefix = await machine.makeEnvironment("project/.venv");
  const root = machine.folder("project");
  const workbench = await machine.open(root, { extensions: [extension] });

  const environment = { name: ".venv", prefix, source: ".venv", path: `${prefix}/bin/python` };
  await expect
    .poll(async () => events(machine), shown)
    .toContainEqual({
      event: "asked",
      told: {
        trusted: true,
        root,
        summary: expect.any(String) as unknown,
        environment: { ...environment, version: expect.stringMatching(/^3\./) as unknown, own: true },
      },
    });

  await workbench.run("Observer: Use All");
  const used = await usedAll(machine);
  const created = machine.folder("project", "made");
  expect(used).toMatchObject({
    version: "1.1.0",
    list: { trusted: true, root, environments: [{ ...environment, isDefault: true }], pythons: [] },
    explain: { trusted: true, root, workflow: { name: "venv", rule: "W7" } },
    create: { name: "made", prefix: created, path: `${created}/bin/python` },
    "create again": { code: expect.stringMatching(/already_exists|name_conflict/) as unknown },
    "create cancelled": { code: "cancelled" },
    select: { environment: { ...environment, source: "selected" } },
    "select relative": { code: "usage", message: expect.stringContaining("absolute") as unknown },
    clear: { environment },
    variables: { trusted: true, variables: { VIRTUAL_ENV: prefix, PATH: expect.stringMatching(`^${prefix}/bin:`) as unknown } },
    task: 7,
    background: { exitCode: 3, stdout: `${prefix} ${root}\n`, stderr: "" },
    "background cancelled": { code: "cancelled" },
    "background flooding": { code: "too_much_output" },
    elsewhere: { code: "not_on_disk" },
    "another version": { message: expect.stringContaining("no version 2") as unknown },
  });
  expect(await readFile(machine.folder("project", "ran.txt"), "utf8")).toBe(prefix);
  expect(used["select none"]).not.toHaveProperty("environment");
  expect((used["explain"] as { steps: unknown[] }).steps).toContainEqual(
    expect.objectContaining({ rule: "E4", outcome: "matched" }),
  );
  // Each change of the selection was told, and showed.
  expect((await events(machine)).filter(({ event }) => event === root).length).toBeGreaterThanOrEqual(4);
  await workbench.showsStatus(/^\.venv/);

  await machine.remove("project/.venv");
  await machine.remove("project/made");
  await expect
    .poll(async () => (await events(machine)).at(-1), shown)
    .toEqual({ event: root, told: { trusted: true, root, summary: expect.any(String) as unknown } });
});

test("another extension is told what holds with the first answer, while the language server is not there yet", { tags: ["slow"] }, async ({
  machine,
}) => {
  const extension = await authored(machine, "observer");
  const prefix = await machine.makeEnvironment("project/.venv");
  const python = join(machine.bin, "python3");
  const real = await realpath(python);
  await rm(python);
  // A language server that never comes.
  await writeFile(python, `#!/bin/sh\ncase " $* " in *" lsp "*) exec sleep 1000;; esac\nexec ${real} "$@"\n`, { mode: 0o755 });
  const workbench = await machine.open(machine.folder("project"), { extensions: [extension] });

  await expect
    .poll(async () => JSON.stringify(await events(machine)), shown)
    .toContain(`"event":"asked","told":{"trusted":true`);
  expect((await events(machine)).find(({ event }) => event === "asked")).toMatchObject({
    told: { environment: { path: `${prefix}/bin/python` } },
  });
  expect(await workbench.log()).not.toContain("was ready in");
});

test("in an untrusted folder another extension gets no path and changes nothing, until the folder is trusted", async ({
  machine,
}) => {
  const extension = await authored(machine, "observer");
  await machine.makeEnvironment("project/.venv");
  const workbench = await machine.open(machine.folder("project"), { extensions: [extension], trust: "restricted" });

  await workbench.showsStatus(/^\.venv/);
  await expect.poll(async () => events(machine), shown).toContainEqual({ event: "asked", told: { trusted: false } });
  await workbench.run("Observer: Use All");
  const used = await usedAll(machine);
  for (const question of ["list", "explain", "variables", "elsewhere"]) {
    expect(used[question]).toEqual({ trusted: false });
  }
  for (const act of ["create", "create cancelled", "select", "select relative", "select none", "clear", "task", "background", "background flooding"]) {
    expect(used[act]).toMatchObject({ code: "untrusted" });
  }
  expect(JSON.stringify(await events(machine))).not.toContain(machine.home);

  await workbench.trust();
  await expect
    .poll(async () => JSON.stringify((await events(machine)).at(-1)), shown)
    .toContain(machine.folder("project", ".venv", "bin", "python"));
});
