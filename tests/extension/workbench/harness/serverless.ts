import { readFile } from "node:fs/promises";
import { join } from "node:path";

import type { Page } from "playwright-core";

/** Where the browser finds our extension. */
const PLACE = "/our-extension";

/**
 * Have a page be a VS Code that no machine stands behind, as on sites that show a repository: all that it runs, it runs in
 * the browser, our extension too, and the open folder is in the browser's memory.
 *
 * @param url the server's; it only gives out the files of VS Code
 * @param extension the absolute path of our extension as it is installed
 */
export async function withoutMachine(page: Page, url: string, extension: string): Promise<void> {
  await page.route(`${url}${PLACE}/**`, async (route) => {
    const path = new URL(route.request().url()).pathname.slice(PLACE.length);
    try {
      await route.fulfill({ body: await readFile(join(extension, path)) });
    } catch {
      await route.fulfill({ status: 404 });
    }
  });
  await page.route(`${url}/?*`, async (route) => {
    const response = await route.fetch();
    const html = await response.text();
    const [, settings = "{}"] = /data-settings="([^"]*)"/.exec(html) ?? [];
    const changed = {
      ...(JSON.parse(settings.replaceAll("&quot;", '"')) as object),
      folderUri: { scheme: "tmp", path: "/project" },
      additionalBuiltinExtensions: [{ scheme: "http", authority: new URL(url).host, path: PLACE }],
    };
    await route.fulfill({ response, body: html.replace(settings, JSON.stringify(changed).replaceAll('"', "&quot;")) });
  });
  await page.route("**/browser/workbench/workbench.js", async (route) => {
    const response = await route.fetch();
    const program = await response.text();
    await route.fulfill({ response, body: program.replace(/remoteAuthority:\s?location\.host/, "remoteAuthority:void 0") });
  });
}
