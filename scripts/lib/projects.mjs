// Projects of others, whose own tests are found and run by this tree's tests, each with an environment of its own.
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { digest, once } from "./once.mjs";
import { inCache, inRoot } from "./paths.mjs";
import { run } from "./processes.mjs";
import { step } from "./terminal.mjs";

/**
 * Download the source archives of `tests/projects.txt`, from where the machine's own pip takes packages, and install each.
 *
 * @param {string} python the development environment's interpreter
 * @param {string} uv
 * @param {boolean} all the first two alone otherwise
 * @returns {Promise<Record<string, string>>} by name, a folder with `source` and `environment`
 */
export async function setupProjects(python, uv, all) {
  const projects = projectsOf(await readFile(inRoot("tests", "projects.txt"), "utf8"));
  /** @type {Record<string, string>} */
  const folders = {};
  for (const project of all ? projects : projects.slice(0, 2)) {
    const folder = inCache(`project-${project.name}-${digest(python, JSON.stringify(project), unpack)}`);
    folders[project.name] = folder;
    await once(folder, async () => step(`Download the project ${project.requirement}`, async () => setupProject(project, folder, python, uv)));
  }
  return folders;
}

/**
 * @typedef {object} Project
 * @property {string} name
 * @property {string} requirement its one version
 * @property {string | undefined} group of its own, that its environment holds beside it
 * @property {string[]} packages that its environment holds beside it
 */

/**
 * @param {string} text a project per line; those that begin with "#" are comments
 * @returns {Project[]}
 */
export function projectsOf(text) {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "" && !line.startsWith("#")).map((line) => {
    const [requirement = "", ...words] = line.split(/\s+/);
    const [name = ""] = requirement.split("==");
    const group = words[0] === "--group" ? words[1] : undefined;
    return { name, requirement, group, packages: group === undefined ? words : words.slice(2) };
  });
}

/**
 * @param {Project} project
 * @param {string} folder
 * @param {string} python
 * @param {string} uv
 */
async function setupProject({ name, requirement, group, packages }, folder, python, uv) {
  const [source, environment] = [join(folder, "source"), join(folder, "environment")];
  const how = {
    failure: `The project ${requirement} could not be downloaded and installed.`,
    hint: "See that the Python package index can be reached, then run this again.",
  };
  // What builds it may be a wheel.
  await run([python, "-I", "-m", "pip", "download", "-q", "--no-deps", "--no-binary", name, "-d", folder, requirement], how);
  await run([python, "-I", "-c", unpack, folder]);
  await run([uv, "venv", "-q", "--no-config", "--python", python, environment]);
  const beside = group === undefined ? packages : ["--group", `${join(source, "pyproject.toml")}:${group}`, ...packages];
  await run([uv, "pip", "install", "-q", "--no-config", "--python", environment, source, ...beside], how);
}

/** The Python code that unpacks the only archive of a folder as `source`. */
const unpack = `
import pathlib, shutil, sys
folder = pathlib.Path(sys.argv[1])
(archive,) = folder.glob("*.tar.gz")
shutil.unpack_archive(archive, folder / "unpacked")
(source,) = (folder / "unpacked").iterdir()
source.rename(folder / "source")
`;
