// The parts of `npm run test:windows`.
import { rm } from "node:fs/promises";
import { join } from "node:path";

import { serving, setupIndex } from "./index.mjs";
import { provided, setup } from "./setup.mjs";
import { freshReport, inTerminal, outcomeOfPytest, outcomeOfVitest } from "./stages.mjs";
import { inWine, windowsPath } from "./wine.mjs";

/** @typedef {import("./stages.mjs").Outcome} Outcome */
/** @typedef {import("./windows.mjs").Windows} Windows */

/**
 * @typedef {object} WindowsStage
 * @property {string} name
 * @property {boolean} [onlyByName] it takes too long to be run where no stage is named
 * @property {(windows: Windows, options: readonly string[]) => Promise<Outcome>} run options go to the test runner
 */

/** The folder of the integration tests. */
const integration = "tests/python/integration";

/** The time limit of a test under Wine, in seconds: one of them runs all commands. */
const limit = 1200;

/** The time limit of an integration test, each of which starts a few programs. */
const integrationLimit = 300;

/** The time limit of all integration tests together, in milliseconds. */
const allIntegration = 2 * 3600_000;

/**
 * The Python code that starts its arguments with Windows pipes, the only ones that node.exe accepts, and passes on
 * their output.
 */
const withPipes = `
import subprocess, sys
run = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
run.stdin.close()
for line in run.stdout:
    sys.stdout.buffer.write(line)
    sys.stdout.flush()
sys.exit(run.wait())
`;

/** The files of integration tests that were not run whole under Wine yet. They are left out unless options name tests. */
const notTried = [
  "adapter",
  "bad_input",
  "chosen_workflow",
  "cli_env",
  "cli_process",
  "cli_tests",
  "cli_unittest",
  "creating_in_an_editor",
  "distributions",
  "documented_servers",
  "documents_in_an_editor",
  "installing_a_python",
  "language_server",
  "language_server_process",
  "launch",
  "mcp",
  "odd_texts_of_servers",
  "plug_ins",
  "provisioning",
  "scripts",
  "scripts_in_an_editor",
  "tests_in_an_editor",
  "vectors_in_an_editor",
  "workflow_servers_in_an_editor",
].map((name) => `${integration}/test_${name}.py`);

/** @type {readonly WindowsStage[]} */
export const windowsStages = [
  {
    name: "python",
    run: async (windows, options) => pytest(windows, "python", ["tests/python/unit", "tests/python/windows", ...options]),
  },
  {
    name: "rules",
    run: async (windows, options) => pytest(windows, "rules", ["tests/architecture", "tests/python/property", ...options]),
  },
  {
    // Every command of wsp.exe, in a folder whose name needs care.
    name: "commands",
    run: async (windows, options) => pytest(windows, "commands", ["tests/python/integration/test_every_command.py", ...options]),
  },
  {
    name: "extension",
    run: async (windows, options) => vitest(windows, ["tests/extension/unit/core", ...options]),
  },
  {
    name: "integration",
    onlyByName: true,
    run: async (windows, options) => {
      const left = options.length > 0 ? [] : notTried;
      const ignored = left.map((file) => `--ignore=${file}`);
      // Whoever names files means those alone.
      const places = options.some((option) => option.startsWith(integration)) ? [] : [integration];
      const words = [...places, `--timeout=${integrationLimit}`, ...ignored, ...options];
      const outcome = await pytest(windows, "integration", words, allIntegration);
      const reason = "not run whole under Wine yet, each a file of several tests";
      return { ...outcome, notRun: [...outcome.notRun, ...left.map((name) => ({ name, reason }))] };
    },
  },
];

/**
 * @param {Windows} windows
 * @param {string} name
 * @param {readonly string[]} options
 * @param {number} [most] what it may take, in milliseconds
 */
async function pytest({ wine, python, here, temporary }, name, options, most) {
  const index = await setupIndex(provided((await setup({ python: true })).python));
  const report = await freshReport(`windows-${name}.xml`);
  const runner = [python, "-I", "-m", "pytest", "-q", "-n", "2", "--dist", "worksteal", `--timeout=${limit}`];
  const places = [`--basetemp=${temporary}`, `--junitxml=${windowsPath(report)}`];
  const words = inWine(wine, [...runner, ...places, ...options]);
  // The index is this machine's: one for Windows is not needed, since nothing in it but ruff and uv-build is native.
  return serving(index, async (env) =>
    outcomeOfPytest(name, report, await inTerminal(words.argv, { ...(most === undefined ? {} : { most }), cwd: here, env: { ...env, ...words.env } })),
  );
}

/**
 * @param {Windows} windows
 * @param {readonly string[]} options
 */
async function vitest({ wine, python, node, tree, here }, options) {
  const report = join(here, ".cache", "unit.json");
  await rm(report, { force: true });
  const runner = [node, `${tree}\\node_modules\\vitest\\vitest.mjs`, "run", "--project", "unit"];
  const reporters = ["--reporter=default", "--reporter=json", "--outputFile.json=.cache/unit.json"];
  const words = inWine(wine, [python, "-I", "-c", withPipes, ...runner, ...reporters, ...options]);
  const code = await inTerminal(words.argv, { cwd: here, env: words.env });
  return outcomeOfVitest("unit", report, code, options.length > 1);
}
