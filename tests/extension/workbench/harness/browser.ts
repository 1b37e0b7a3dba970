import { join } from "node:path";

import { chromium } from "playwright-core";
import type { BrowserContext, Page } from "playwright-core";
import { inject } from "vitest";

import { chromiumArguments } from "../../../../scripts/lib/chromium.mjs";
import { paths } from "./paths.ts";
import type { Address } from "./addresses.ts";

/** What VS Code keeps in the browser for its user; not what the browser keeps of VS Code's own code. */
const KEPT = "cookies,indexeddb,local_storage,service_workers,cache_storage,file_systems";

/** Room for all of VS Code, whose largest file a browser keeps only in a cache of eight times its size. */
const CACHE = "--disk-cache-size=1000000000";

/** The one browser of a test file, once it was wished for. */
let browser: Promise<BrowserContext> | undefined;

/**
 * Open a page in which VS Code was never used at the address. It is a browser's that knows VS Code's code from the tests
 * before, as a person's does: to load and compile 19 MB anew would take most of the time that a window takes.
 */
export async function newPage({ url }: Address): Promise<Page> {
  browser ??= launch();
  const context = await browser;
  await context.clearPermissions();
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Storage.clearDataForOrigin", { origin: url, storageTypes: KEPT });
  await session.detach();
  return page;
}

/** Close the browser, if there is one. */
export async function closeBrowser(): Promise<void> {
  const context = await browser;
  await context?.close();
}

async function launch(): Promise<BrowserContext> {
  const worker = process.env["VITEST_POOL_ID"] ?? "1";
  const context = await chromium.launchPersistentContext(join(inject("temporary"), `browser-${worker}`), {
    executablePath: paths.chromium,
    headless: true,
    viewport: { width: 1280, height: 800 },
    reducedMotion: "reduce",
    args: [...chromiumArguments, CACHE],
  });
  // One that crashed in a test is not the next one's.
  context.once("close", () => (browser = undefined));
  return context;
}
