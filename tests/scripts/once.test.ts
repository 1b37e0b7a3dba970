import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterEach, beforeEach, expect, test } from "vitest";

import { digestOf, locked, once } from "../../scripts/lib/once.mjs";
import { inCache } from "../../scripts/lib/paths.mjs";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "once-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

test("a folder that was made is not made again", async () => {
  const folderPath = join(folder, "made");
  let times = 0;
  const make = async (): Promise<void> => {
    times += 1;
    await writeFile(join(folderPath, "file"), "");
  };

  await once(folderPath, make);
  await once(folderPath, make);

  expect(times).toBe(1);
});

test("what an interrupted run left half-made is made from the beginning", async () => {
  const folderPath = join(folder, "made");
  const interrupted = once(folderPath, async () => {
    await writeFile(join(folderPath, "half"), "");
    throw new Error("interrupted");
  });
  await expect(interrupted).rejects.toThrow("interrupted");

  await once(folderPath, async () => writeFile(join(folderPath, "whole"), ""));

  expect((await readdir(folderPath)).filter((name) => !name.startsWith("."))).toEqual(["whole"]);
});

test("of two runs at once the second waits for the first and finds its work", async () => {
  const folderPath = join(folder, "made");
  const order: string[] = [];
  const make = (who: string) => async (): Promise<void> => {
    order.push(`${who} begins`);
    await sleep(50);
    order.push(`${who} ends`);
  };

  await Promise.all([once(folderPath, make("first")), once(folderPath, make("second"))]);

  expect(order).toHaveLength(2);
});

test("a lock whose owner is gone holds nobody up", async () => {
  const name = `abandoned-${process.pid}`;
  await mkdir(inCache("locks"), { recursive: true });
  // No process has this id: it is above the largest that Linux gives.
  await writeFile(inCache("locks", name), "4194305");

  expect(await locked(name, async () => Promise.resolve("worked"))).toBe("worked");
});

test("a digest of a folder changes with the name and with the content of a file", async () => {
  await writeFile(join(folder, "a.py"), "1");
  const before = await digestOf(folder);
  await writeFile(join(folder, "a.py"), "2");
  const changed = await digestOf(folder);
  await writeFile(join(folder, "b.py"), await readFile(join(folder, "a.py")));
  await rm(join(folder, "a.py"));
  const renamed = await digestOf(folder);

  expect(new Set([before, changed, renamed]).size).toBe(3);
});
