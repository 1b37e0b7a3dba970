// More Pythons than a machine has, for the tests that need several: each from the first source that this machine reaches.
import { copyFile, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { findProgram, findPythons, isSupported, pythonsFolder } from "./find.mjs";
import { once } from "./once.mjs";
import { inCache } from "./paths.mjs";
import { run, start } from "./processes.mjs";
import { candidateVersion, ensureInstalled, isDebian } from "./system.mjs";
import { step } from "./terminal.mjs";
import { cpythons } from "./versions.mjs";

/** @typedef {import("./find.mjs").Python} Python */

/** The most Pythons of different versions that the tests use. */
const wanted = 3;

/**
 * Install a second and a third Python where the machine has fewer, once: one that cannot be installed is not tried
 * again, and the tests that need it are reported as not run.
 *
 * @param {string} python the development environment's interpreter
 * @param {string} uv
 */
export async function ensurePythons(python, uv) {
  const own = await findPythons();
  if (minors(own).length >= wanted) {
    return;
  }
  await once(pythonsFolder, async () => {
    for (const source of [byUv, byDebian, byMaven]) {
      const had = minors(await findPythons());
      if (had.length < wanted) {
        await source(had, uv, python);
      }
    }
  });
}

/**
 * Return the versions of the supported Pythons, as "3.12", each once.
 *
 * @param {Python[]} pythons
 */
function minors(pythons) {
  return [...new Set(pythons.filter(isSupported).map(({ version }) => version.slice(0, 2).join(".")))];
}

/**
 * Return the versions to install besides these.
 *
 * @param {string[]} had
 */
function versionsBeside(had) {
  return cpythons.filter(({ minor }) => !had.includes(minor)).slice(0, wanted - had.length);
}

/**
 * @param {string[]} had
 * @param {string} uv
 */
async function byUv(had, uv) {
  const missing = versionsBeside(had).map(({ minor }) => minor);
  await step(`Download Python ${missing.join(" and ")} with uv`, async () =>
    start([uv, "python", "install", "-q", "--no-config", "--no-bin", "--install-dir", pythonsFolder, ...missing], {
      env: { UV_HTTP_RETRIES: "0" },
    }).ended,
  );
}

/** Install PyPy from the system's packages, where it is Python 3.10 or newer, and can be installed. */
async function byDebian() {
  // PyPy 7.3.12 is the first that Debian has with Python 3.10 or newer.
  const [major = 0, minor = 0, patch = 0] = (await candidateVersion("pypy3")).split(/\D/).map(Number);
  if (!isDebian() || process.getuid?.() !== 0 || (major * 1000 + minor) * 1000 + patch < 7_003_012) {
    return;
  }
  await ensureInstalled([{ package: "pypy3", present: () => findProgram("pypy3") !== undefined }]);
  const pypy = findProgram("pypy3");
  if (pypy === undefined) {
    return;
  }
  const ask = "import sys; print('%d.%d' % sys.version_info[:2])";
  const version = (await run([pypy, "-E", "-s", "-S", "-c", ask])).trim();
  const bin = join(pythonsFolder, "pypy", "bin");
  await mkdir(bin, { recursive: true });
  await symlink(pypy, join(bin, `python${version}`));
}

/**
 * Install CPython from an archive of Maven Central.
 *
 * @param {string[]} had
 * @param {string} _uv
 * @param {string} python
 */
async function byMaven(had, _uv, python) {
  const maven = findProgram("mvn");
  if (maven === undefined || process.platform !== "linux" || process.arch !== "x64") {
    return;
  }
  for (const { minor, archive: version } of versionsBeside(had)) {
    await step(`Download Python ${minor} with Maven`, async () => {
      const repository = inCache("maven");
      const artifact = `org.bytedeco:cpython:${version}:jar:linux-x86_64`;
      const got = await start([
        ...[maven, "-q", "-B", "dependency:get", `-Dartifact=${artifact}`, "-Dtransitive=false"],
        `-Dmaven.repo.local=${repository}`,
      ]).ended;
      if (got.code === 0) {
        const jar = join(repository, "org", "bytedeco", "cpython", version, `cpython-${version}-linux-x86_64.jar`);
        await unpack(jar, minor, python);
      }
      await rm(repository, { recursive: true, force: true });
    });
  }
}

/**
 * @param {string} jar
 * @param {string} minor
 * @param {string} unpacker
 */
async function unpack(jar, minor, unpacker) {
  const aside = join(pythonsFolder, `.unpacking-${minor}`);
  await run([unpacker, "-I", "-m", "zipfile", "-e", jar, aside]);
  const python = join(aside, "org", "bytedeco", "cpython", "linux-x86_64");
  const modules = join(python, "lib", `python${minor}`, "lib-dynload");
  // Extension modules look for their libraries beside themselves.
  for (const name of (await readdir(python)).filter((file) => file.startsWith("libffi.so."))) {
    await copyFile(join(python, name), join(modules, name));
  }
  const library = join(python, `libpython${minor}.so.1.0`);
  const place = join(pythonsFolder, `cpython-${minor}`);
  await writeFile(library, withPrefix(await readFile(library), place));
  await run(["chmod", "+x", join(python, "bin", `python${minor}`)]);
  await rename(python, place);
  await rm(aside, { recursive: true });
}

/** The prefix that is compiled into the library of the archives' CPython. */
const builtFor = /\/home\/runner\/work\/[\w./-]+?\/cppbuild\/linux-x86_64/;

/**
 * Return the library with this folder as its compiled-in prefix, as in a real installation: otherwise an environment
 * that is created through a link from another folder does not find its library. A longer path does not fit, and leaves
 * the library as it is.
 *
 * @param {Buffer} library
 * @param {string} folder
 */
function withPrefix(library, folder) {
  const text = library.toString("latin1");
  const [built] = builtFor.exec(text) ?? [];
  const prefix = Buffer.from(folder).toString("latin1");
  if (built === undefined || prefix.length > built.length) {
    return library;
  }
  const padding = "\0".repeat(built.length - prefix.length);
  const moved = text.replaceAll(new RegExp(`${built}([^\\0]*)`, "g"), (_, rest) => `${prefix}${rest}${padding}`);
  return Buffer.from(moved, "latin1");
}
