/** Decides whether a folder or file has to do with Python. */
import type { Answer } from "../protocol.ts";

/** Files that make a folder a Python folder, whatever else it contains. */
const MARKERS: ReadonlySet<string> = new Set([
  ".python-envs",
  ".python-version",
  ".venv",
  "Pipfile",
  "Pipfile.lock",
  "environment.yml",
  "hatch.toml",
  "noxfile.py",
  "pdm.lock",
  "pixi.lock",
  "pixi.toml",
  "poetry.lock",
  "poetry.toml",
  "pylock.toml",
  "pyproject.toml",
  "pyworkflow.toml",
  "requirements.txt",
  "setup.cfg",
  "setup.py",
  "tox.ini",
  "tox.toml",
  "uv.lock",
  "uv.toml",
]);

/** The rule of the fallback, which governs every folder that nothing else does. */
const FALLBACK_RULE = "W7";

/** Return whether a file is Python's, or one that Python tools read, by its name. */
export function isPythonFileName(name: string): boolean {
  return MARKERS.has(name) || name.endsWith(".py") || name.endsWith(".pyi");
}

/**
 * Return whether an answer is about a Python folder.
 *
 * @param names the names in the answer's root
 */
export function isPythonFolder(answer: Answer, names: readonly string[]): boolean {
  return (
    answer.environment !== null ||
    answer.must_ask ||
    (answer.workflow !== null && answer.workflow.rule !== FALLBACK_RULE) ||
    names.some(isPythonFileName)
  );
}
