import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

import { Debugger } from "./harness/debugger.ts";
import { expect, screenshots, shown, test } from "./harness/index.ts";

/** Where the pictures go: `npm run pictures` has them written into `docs/images`. */
const folder = process.env["WORKBENCH_PICTURES"] ?? join(screenshots, "pictures");
/** A page with pictures is read on a slow line, too. */
const mostBytes = 120 * 1024;

const source = `"""Sells things."""

from shop.stock import Stock


def sell(stock: Stock, article: str, count: int = 1) -> float:
    """Take \`count\` of an article out of the stock, and give the price of all."""
    price = stock.take(article, count)
    return round(price * count, 2)
`;

const program = `def price(count: int, each: float) -> float:
    total = count * each
    return round(total, 2)


print(price(3, 4.5))
`;

test("a picture shows a file that is debugged in its own environment", { tags: ["slow"] }, async ({ machine }) => {
  const main = await machine.write("shop/sell.py", program);
  await machine.makeEnvironment("shop/.venv");
  const workbench = await machine.open(machine.folder("shop"));
  const debug = new Debugger(workbench);
  await workbench.showsStatus(/^\.venv/);
  await workbench.page.setViewportSize({ width: 1000, height: 460 });
  await debug.breakAt(main, 3);
  await workbench.run("Python Workflow: Debug Python File");
  await debug.stopsIn("price");
  await workbench.run("View: Toggle Panel Visibility");
  await expect.poll(async () => debug.locals(), shown).toContain("total = 13.5");
  await workbench.picture(join(folder, "debug.png"));
  await workbench.run("Debug: Stop");
  await debug.ends();
});

test("the pictures of the README show the product as it is, and are small", { tags: ["slow"] }, async ({ machine }) => {
  await machine.write("shop/pyproject.toml", '[project]\nname = "shop"\nversion = "1.0"\n');
  await machine.write("shop/src/shop/sell.py", source);
  await machine.makeEnvironment("shop/.venv");
  await machine.makeEnvironment("shop/envs/docs");
  await machine.write("shop/.python-envs", "envs/docs\nenvs/py39\n");
  const workbench = await machine.open(machine.folder("shop"));
  await workbench.openFile(machine.folder("shop", "src", "shop", "sell.py"));
  await workbench.showsStatus(/^\.venv/);

  await workbench.page.setViewportSize({ width: 1000, height: 460 });
  await workbench.status.hover();
  await workbench.picture(join(folder, "status-bar.png"));

  await workbench.page.setViewportSize({ width: 1000, height: 720 });
  await workbench.status.click();
  await workbench.pick.row(/docs/).first().waitFor();
  await workbench.picture(join(folder, "picker.png"));
  await workbench.pick.cancel();
  await workbench.page.setViewportSize({ width: 1000, height: 460 });

  await workbench.run("Python Workflow: Create Environment");
  await workbench.pick.row("venv").first().waitFor();
  await workbench.picture(join(folder, "create.png"));
  await workbench.pick.cancel();

  await workbench.run("View: Show Python Environments");
  await workbench.page.getByRole("treeitem", { name: /^docs/ }).waitFor();
  await workbench.picture(join(folder, "view.png"));

  await workbench.run("View: Close Primary Side Bar");
  await workbench.showsWhy("Which workflow governs it?");
  await workbench.page.setViewportSize({ width: 1000, height: 900 });
  await workbench.picture(join(folder, "why.png"));

  expect(await workbench.previewText()).not.toContain(machine.home);
  for (const name of await readdir(folder)) {
    expect((await stat(join(folder, name))).size, name).toBeLessThan(mostBytes);
  }
});
