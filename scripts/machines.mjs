// npm run test:machines [RELEASE...]: both commands of the README, on systems where nothing was prepared.
//
// Each is made by debootstrap, minimal, with the one Python that its release ships; the committed tree is cloned into it, and
// "npm run try" and "npm test" are run there as a new user would. What they said is kept in .cache/reports/machines/.
import { mkdir } from "node:fs/promises";

import { findProgram } from "./lib/find.mjs";
import { prepared, releases, tryOn, testOn } from "./lib/machines.mjs";
import { writeWhole } from "./lib/once.mjs";
import { inCache } from "./lib/paths.mjs";
import { stopOnSignals, tail } from "./lib/processes.mjs";
import { setup } from "./lib/setup.mjs";
import { ensureInstalled, isDebian } from "./lib/system.mjs";
import { elapsed, entry, Failure, report, say } from "./lib/terminal.mjs";

stopOnSignals();
await entry(async () => {
  const names = process.argv.slice(2);
  const unknown = names.find((name) => !releases.some(({ codename }) => codename === name));
  if (unknown !== undefined) {
    throw new Failure(`There is no release "${unknown}" here.`, {
      hint: `The releases are ${releases.map(({ codename }) => codename).join(", ")}.`,
    });
  }
  if (process.getuid?.() !== 0 || !isDebian()) {
    throw new Failure("Only root makes systems of their own, and only on Debian and what derives from it.", {
      hint: 'Run "sudo npm run test:machines" on Debian or Ubuntu.',
    });
  }
  await ensureInstalled([{ package: "debootstrap", present: () => findProgram("debootstrap") !== undefined }]);
  await setup({ node: true, chromium: true });
  const reports = inCache("reports", "machines");
  await mkdir(reports, { recursive: true });
  const lines = [];
  let failed = 0;
  let passed = 0;
  for (const release of names.length === 0 ? releases : releases.filter(({ codename }) => names.includes(codename))) {
    say(`\n== ${release.name}`);
    try {
      const machine = await prepared(release);
      if (machine === undefined) {
        lines.push(`${release.name}: not made here, since its archive or debootstrap's script for it was not reached`);
        continue;
      }
      for (const [command, ran] of /** @type {const} */ ([["npm run try", tryOn], ["npm test", testOn]])) {
        say(`  As ${machine.user}: ${command} ...`);
        const { succeeded, said, summary } = await ran(machine, reports);
        await writeWhole(`${reports}/${release.codename}-${command.replaceAll(/\W+/g, "-")}.txt`, said);
        lines.push(`${machine.about}, as ${machine.user}: ${command}: ${summary}`);
        if (succeeded) {
          passed += 1;
        } else {
          failed += 1;
          say(tail(said, 40));
        }
      }
    } catch (error) {
      report(error);
      failed += 1;
      lines.push(`${release.name}: could not be made`);
    }
  }
  const text = `== machines after ${elapsed()}\n${lines.join("\n")}\n${passed} passed, ${failed} failed`;
  await writeWhole(`${reports}/summary.txt`, `${text}\n`);
  console.log(`\n${text}`);
  return failed > 0 ? 1 : 0;
});
