import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, test } from "vitest";

import { roundsOf, serving } from "../../scripts/lib/index.mjs";

test("two versions of one distribution are not downloaded together", () => {
  expect(roundsOf("# why\n\none==1\ntwo==1\none==2\n")).toEqual([["one==1", "two==1"], ["one==2"]]);
});

test("the index has what was downloaded and nothing else, for as long as it is needed", async () => {
  const folder = await mkdtemp(join(tmpdir(), "index-"));
  await mkdir(join(folder, "served", "simple"), { recursive: true });
  await writeFile(join(folder, "served", "simple", "demo"), "a page");
  await writeFile(join(folder, "secret"), "");

  const url = await serving(join(folder, "served"), async ({ PIP_INDEX_URL = "", NO_PROXY }) => {
    expect(NO_PROXY).toContain("127.0.0.1");
    const page = await fetch(`${PIP_INDEX_URL}/demo/`);
    expect([page.status, page.headers.get("content-type"), await page.text()]).toEqual([200, "text/html", "a page"]);
    for (const other of ["none/", "", "..%2f..%2fsecret", "../files/demo"]) {
      expect((await fetch(`${PIP_INDEX_URL}/${other}`)).status).toBe(404);
    }
    return PIP_INDEX_URL;
  });

  await expect(fetch(url)).rejects.toThrow();
  await rm(folder, { recursive: true });
});
