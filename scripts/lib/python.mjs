// The Python side of the tool chain: the development environment, and the real workflow tools.
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { findPythons, isSupported } from "./find.mjs";
import { digest, digestOf, locked, once } from "./once.mjs";
import { inCache, inRoot } from "./paths.mjs";
import { run } from "./processes.mjs";
import { ensureInstalled, pythonWithVenv } from "./system.mjs";
import { Failure, step } from "./terminal.mjs";

export const lock = inRoot("python_helper", "requirements-dev.txt");
/** The folders of this tree's distributions, each before those that need it. */
export const distributions = ["protocol", "helper", "launcher"].map((name) => inRoot("python_helper", name));

/**
 * @typedef {object} PythonSide
 * @property {string} python the development environment's interpreter
 * @property {string[]} pythons the machine's supported Pythons, newest first
 * @property {string[]} oldPythons its Pythons that are too old for the helper
 */

/**
 * Create the development environment, with the distributions of this tree installed as editable.
 *
 * @returns {Promise<PythonSide>}
 */
export async function setupPython() {
  let pythons = await findPythons();
  if (!pythons.some((python) => isSupported(python) && python.hasVenv)) {
    await ensureInstalled(pythonWithVenv);
    pythons = await findPythons();
  }
  const supported = pythons.filter(isSupported);
  const base = supported.find((python) => python.hasVenv);
  if (base === undefined) {
    throw new Failure("There is no Python 3.10 or newer that can make a virtual environment.", {
      hint: "Install Python 3.10 or newer with its venv module, then run this again.",
    });
  }
  return {
    python: await developmentEnvironment(base),
    pythons: supported.map((python) => python.path),
    oldPythons: pythons.filter((python) => python.final && !isSupported(python)).map((python) => python.path),
  };
}

/**
 * Find the machine's supported Pythons that can create environments, one for each X.Y, newest first.
 *
 * @returns {Promise<import("./find.mjs").Python[]>}
 */
export async function onePythonEach() {
  const usable = (await findPythons()).filter((python) => isSupported(python) && python.hasVenv);
  /** @param {import("./find.mjs").Python} python */
  const minor = ({ version }) => version.slice(0, 2).join(".");
  return usable.filter(
    (python, index) => usable.findIndex((other) => minor(other) === minor(python)) === index,
  );
}

/**
 * Create an environment with all that development needs, as locked, and the distributions of this tree as editable.
 *
 * @param {import("./find.mjs").Python} base
 * @returns {Promise<string>} its interpreter
 */
export async function developmentEnvironment(base) {
  const key = digest(
    base.path,
    base.version.join("."),
    await digestOf(lock, ...distributions.map((folder) => join(folder, "pyproject.toml"))),
  );
  const folder = inCache(`python-${key}`);
  await once(folder, async () => {
    await step(`Make the development environment (Python ${base.version.join(".")})`, async () => {
      await run([base.path, "-I", "-m", "venv", folder]);
      await run([pythonIn(folder), "-I", "-m", "pip", "install", "-q", "--require-hashes", "-r", lock], {
        failure: "The development environment's packages could not be installed.",
        hint: "See that the Python package index can be reached, then run this again.",
      });
      const editable = ["install", "-q", "--no-build-isolation", "--no-deps"];
      const folders = distributions.flatMap((distribution) => ["-e", distribution]);
      await run([pythonIn(folder), "-I", "-m", "pip", ...editable, ...folders]);
    });
  });
  return pythonIn(folder);
}

/**
 * Install the real workflow tools, each into an environment of its own.
 *
 * @param {string} python the development environment's interpreter
 * @returns {Promise<Record<string, string> & {uv: string}>} absolute paths by command
 */
export async function setupTools(python) {
  const file = inRoot("tests", "tools.txt");
  const requirements = (await readFile(file, "utf8"))
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  const uv = join(python, "..", "uv");
  const folder = inCache(`tools-${digest(python, await digestOf(file))}`);
  /** @type {Record<string, string> & {uv: string}} */
  const tools = { uv };
  for (const requirement of requirements) {
    const name = /^[a-z]+/.exec(requirement)?.[0] ?? requirement;
    tools[name] = join(folder, name, "bin", name);
  }
  await once(folder, async () => {
    await step(`Install the workflow tools for the tests: ${Object.keys(tools).join(" ")}`, async () => {
      for (const requirement of requirements) {
        const environment = join(folder, /^[a-z]+/.exec(requirement)?.[0] ?? requirement);
        await run([uv, "venv", "-q", "--no-config", "--python", python, environment]);
        await run(
          [uv, "pip", "install", "-q", "--no-config", "--python", pythonIn(environment), requirement],
          {
            failure: `${requirement} could not be installed.`,
            hint: "See that the Python package index can be reached, then run this again.",
          },
        );
      }
    });
  });
  return tools;
}

/**
 * Install the libraries that the extension contains, exactly as locked: pure Python, for every supported version.
 *
 * @param {string} python the development environment's interpreter
 * @returns {Promise<string>} a folder for sys.path
 */
export async function setupVendored(python) {
  const requirements = inRoot("python_helper", "requirements-bundle.txt");
  const folder = inCache(`vendored-${digest(await digestOf(requirements), unpack)}`);
  const downloads = join(folder, "downloads");
  const libs = join(folder, "libs");
  await locked("vendored", async () =>
    once(folder, async () => {
      await step("Download the libraries that the extension carries", async () => {
        const pip = [python, "-I", "-m", "pip", "--disable-pip-version-check"];
        // Platform "any" and no ABI: a wheel with native parts does not match.
        const anywhere = ["--platform", "any", "--implementation", "py", "--python-version", "3.10", "--abi", "none"];
        await run(
          [...pip, "download", "-q", "--require-hashes", "--no-deps", "--only-binary", ":all:", ...anywhere]
            .concat(["-d", downloads, "-r", requirements]),
          {
            failure: "The libraries that the extension carries could not be downloaded.",
            hint: "See that the Python package index can be reached, then run this again.",
          },
        );
        await run([python, "-I", "-c", unpack, downloads, libs]);
      });
    }),
  );
  return libs;
}

const unpack = `
import pathlib, sys, zipfile
downloads, libs = map(pathlib.Path, sys.argv[1:])
for wheel in sorted(downloads.glob("*.whl")):
    zipfile.ZipFile(wheel).extractall(libs)
`;

/** @param {string} environment */
function pythonIn(environment) {
  return process.platform === "win32"
    ? join(environment, "Scripts", "python.exe")
    : join(environment, "bin", "python");
}
