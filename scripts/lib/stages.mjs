// The parts of `npm test`, and how each tells what passed.
import { existsSync } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";

import { serving } from "./index.mjs";
import { parseJson } from "./json.mjs";
import { inCache, inRoot } from "./paths.mjs";
import { start } from "./processes.mjs";
import { developmentEnvironment, onePythonEach } from "./python.mjs";
import { provided, setup } from "./setup.mjs";

/**
 * The result of a stage.
 *
 * @typedef {object} Outcome
 * @property {number} passed
 * @property {string[]} failed the names of failed tests
 * @property {NotRun[]} notRun
 */

/**
 * A test that needs what this machine lacks.
 *
 * @typedef {object} NotRun
 * @property {string} name
 * @property {string} reason what it needs, and the command that provides it
 */

/**
 * @typedef {object} Stage
 * @property {string} name
 * @property {(options: readonly string[], slow: boolean) => Promise<Outcome>} run sets up what it needs; options go to the test
 *   runner, and slow tests are run only where that is said
 */

/** The time limits of a stage, in milliseconds, and of one that only `npm run test:full` runs. */
const limit = 60 * 60 * 1000;
const longLimit = 4 * 60 * 60 * 1000;

/** @param {string[]} options */
const eslint = (...options) => [process.execPath, inRoot("node_modules", "eslint", "bin", "eslint.js"), ".", "--max-warnings", "0", ...options];

/** The projects that TypeScript checks, each with a configuration of its own. */
const projects = [".", "tests/extension", "tests/scripts", "scripts", "benchmarks"];

/**
 * @param {string} project
 * @returns {string[]} the command, which checks only what changed since the last time
 */
function tsc(project) {
  const state = inCache("tsc", `${project.replaceAll(/\W/g, "-")}.tsbuildinfo`);
  const program = inRoot("node_modules", "typescript", "bin", "tsc");
  return [process.execPath, program, "--project", project, "--incremental", "--tsBuildInfoFile", state];
}

/** @param {string} python */
const ruff = (python) => [
  [python, "-I", "-m", "ruff", "check", "."],
  [python, "-I", "-m", "ruff", "format", "--check", "."],
];

/** Tests that start hardly anything, of both languages. */
const quickTests = ["tests/python/unit", "tests/python/property", "tests/architecture"];

/**
 * `npm run check`: the stages that find most in a minute, with only the development packages of Node.js and Python
 * installed. Two lanes, run beside each other, whose parts show what they print only when they fail.
 *
 * @type {readonly (readonly Stage[])[]}
 */
export const quickLanes = [
  [
    {
      name: "eslint",
      // By what each file holds: "npm test" looks at all of them again, as a changed type may show in an unchanged file.
      run: async () => asOne("eslint", [eslint("--cache", "--cache-strategy", "content", "--cache-location", inCache("eslint"))], { quiet: true }),
    },
    { name: "tsc", run: async () => asOne("tsc", projects.map(tsc), { quiet: true }) },
    { name: "unit", run: async () => vitest("unit", [], { quiet: true }) },
  ],
  [
    { name: "ruff", run: async () => asOne("ruff", ruff(await development()), { quiet: true }) },
    { name: "mypy", run: async () => asOne("mypy", [[await development(), "-I", "-m", "mypy"]], { quiet: true }) },
    {
      name: "python",
      run: async () => pytest("quick", await development(), ["-n", "2", ...quickTests], { quiet: true }),
    },
  ],
];

/** @returns {Promise<string>} the development environment's interpreter */
async function development() {
  return provided((await setup({ python: true })).python);
}

/** @type {readonly Stage[]} */
export const stages = [
  {
    name: "lint",
    run: async () => {
      const { python } = await setup({ node: true, python: true });
      return asOne("lint", [eslint(), ...ruff(provided(python))]);
    },
  },
  {
    name: "types",
    run: async () => {
      const { python } = await setup({ node: true, python: true });
      return asOne("types", [...projects.map(tsc), [provided(python), "-I", "-m", "mypy"]]);
    },
  },
  {
    name: "python",
    run: async (options, slow) => {
      const { python, index } = await setup({ node: true, python: true, tools: true });
      const quick = slow ? [] : ["-m", "not slow"];
      // One more than a machine has to have processors: much of it waits, for what is killed or does not answer.
      const words = ["-n", "3", "--dist", "worksteal", "tests/python", ...quick, ...options];
      return serving(provided(index), async (env) => pytest("python", provided(python), words, { env }));
    },
  },
  {
    name: "architecture",
    run: async (options) => {
      const { python } = await setup({ python: true });
      return pytest("architecture", provided(python), ["tests/architecture", ...options]);
    },
  },
  {
    name: "unit",
    run: async (options) => {
      await setup({ node: true });
      return vitest("unit", options);
    },
  },
  {
    name: "workbench",
    run: async (options, slow) => {
      const { index } = await setup({ node: true, python: true, tools: true, codeServer: true, chromium: true });
      const quick = slow ? [] : ["--tagsFilter=!slow"];
      return serving(provided(index), async (env) => vitest("workbench", [...quick, ...options], { env }));
    },
  },
];

/** Stages by name that leave out their slow tests where these are not wanted. */
export const withSlowTests = ["python", "workbench"];

/** Stages by name that need no more than one processor each: the lanes are run beside each other, before all others. */
export const lanes = [
  ["lint", "unit"],
  ["types", "architecture"],
];

/**
 * Return the stages that `npm run test:full` adds: the Python tests on every other supported Python of the machine, the
 * whole table of what the bundled workflows do, the tests of others' projects, a longer search for what breaks a rule,
 * and what takes long in the editor: a day of it, real tools.
 *
 * @returns {Promise<Stage[]>}
 */
export async function fullStages() {
  const [, ...others] = await onePythonEach();
  const pythons = others.map((base) => {
    const name = `python${base.version.slice(0, 2).join(".")}`;
    return {
      name,
      run: async () => {
        const { index } = await setup({ node: true, python: true, tools: true });
        const python = await developmentEnvironment(base);
        return serving(provided(index), async (env) => pytest(name, python, ["-n", "2", "tests/python"], { env }));
      },
    };
  });
  const search = {
    name: "search",
    run: async () => {
      const python = provided((await setup({ python: true })).python);
      const found = await pytest("search", python, ["-n", "2", "--hypothesis-profile=search", "tests/python/property"]);
      const targets = ["decoder", "declarations", "folders", "language_server", "python_envs", "state"].map((name) => inRoot("tests", "fuzz", `fuzz_${name}.py`));
      const fuzzed = await asOne("fuzz", targets.map((target) => [python, target, "--seconds", "300"]));
      return {
        passed: found.passed + fuzzed.passed,
        failed: [...found.failed, ...fuzzed.failed],
        notRun: found.notRun,
      };
    },
  };
  const workflows = {
    name: "workflows",
    run: async () => {
      const { python, index } = await setup({ node: true, python: true, tools: true });
      process.env["KILLS"] = "500";
      const folder = "tests/python/integration";
      const words = ["-n", "2", "--whole", `${folder}/workflows`, `${folder}/test_kills.py`];
      return serving(provided(index), async (env) => pytest("workflows", provided(python), words, { env, most: longLimit }));
    },
  };
  const projects = {
    name: "projects",
    run: async () => {
      const { python, index } = await setup({ node: true, python: true, tools: true, projects: true });
      const words = ["-n", "2", "--whole", "tests/python/integration/test_real_projects.py"];
      return serving(provided(index), async (env) => pytest("projects", provided(python), words, { env, most: longLimit }));
    },
  };
  const long = {
    name: "long",
    run: async () => {
      const { index } = await setup({ node: true, python: true, tools: true, codeServer: true, chromium: true });
      process.env["SOAK_ROUNDS"] = "300";
      return serving(provided(index), async (env) => vitest("long", [], { env, most: longLimit }));
    },
  };
  const machines = {
    name: "machines",
    run: async () => asOne("machines", [[process.execPath, inRoot("scripts", "machines.mjs")]], { most: longLimit }),
  };
  return [...pythons, workflows, projects, search, long, machines];
}

/**
 * Run commands that pass or fail as one; each is run, even after one that failed.
 *
 * @param {string} name
 * @param {readonly (readonly string[])[]} commands
 * @param {How} [how]
 * @returns {Promise<Outcome>}
 */
async function asOne(name, commands, how) {
  let failed = false;
  for (const command of commands) {
    failed = (await inTerminal(command, how)) !== 0 || failed;
  }
  return failed ? { passed: 0, failed: [name], notRun: [] } : { passed: 1, failed: [], notRun: [] };
}

/**
 * @typedef {object} How
 * @property {number} [most] milliseconds after which it hangs
 * @property {string} [cwd] the tree unless given
 * @property {Record<string, string>} [env] added to this process's environment
 * @property {boolean} [quiet] show what it prints only when it fails
 */

/**
 * @param {string} name
 * @param {string} python
 * @param {readonly string[]} options
 * @param {How} [how]
 * @returns {Promise<Outcome>}
 */
async function pytest(name, python, options, how) {
  const report = await freshReport(`${name}.xml`);
  const command = [python, "-I", "-m", "pytest", "-q", `--junitxml=${report}`, ...options];
  return outcomeOfPytest(name, report, await inTerminal(command, how));
}

/**
 * @param {string} name
 * @param {string} report what pytest left
 * @param {number} code its exit code
 * @returns {Promise<Outcome>}
 */
export async function outcomeOfPytest(name, report, code) {
  /** @type {Outcome} */
  const outcome = { passed: 0, failed: [], notRun: [] };
  const xml = existsSync(report) ? await readFile(report, "utf8") : "";
  for (const [, attributes = "", content = ""] of xml.matchAll(/<testcase ([^>]*?)(?:\/>|>(.*?)<\/testcase>)/gs)) {
    const [, test = "?"] = /\bname="([^"]*)"/.exec(attributes) ?? [];
    const [, group = "?"] = /\bclassname="([^"]*)"/.exec(attributes) ?? [];
    const title = `${group}: ${test}`;
    if (/<(failure|error)\b/.test(content)) {
      outcome.failed.push(title);
    } else if (content.includes("<skipped")) {
      const [, reason = ""] = /<skipped [^>]*\bmessage="([^"]*)"/.exec(content) ?? [];
      leaveOut(outcome, title, reason);
    } else {
      outcome.passed += 1;
    }
  }
  return withExitCode(outcome, code, name);
}

/**
 * The part of vitest's JSON report that is read here.
 *
 * @typedef {object} VitestReport
 * @property {{name: string, status: string, assertionResults: {status: string, fullName: string, meta?: {needs?:
 *   string}}[]}[]} testResults
 */

/**
 * @param {string} name
 * @param {readonly string[]} options
 * @param {How} [how]
 * @returns {Promise<Outcome>}
 */
async function vitest(name, options, how) {
  const report = await freshReport(`${name}.json`);
  // The runner lists what a pattern of names or tags leaves out, too.
  const isFiltered = options.some((option) => /^(-t|--testNamePattern|--tagsFilter)\b/.test(option));
  const code = await inTerminal([
    ...[process.execPath, inRoot("node_modules", "vitest", "vitest.mjs"), "run", "--project", name],
    ...["--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...options],
  ], how);
  return outcomeOfVitest(name, report, code, isFiltered);
}

/**
 * @param {string} name
 * @param {string} report what vitest left
 * @param {number} code its exit code
 * @param {boolean} isFiltered it was given a pattern of names
 * @returns {Promise<Outcome>}
 */
export async function outcomeOfVitest(name, report, code, isFiltered) {
  /** @type {Outcome} */
  const outcome = { passed: 0, failed: [], notRun: [] };
  if (existsSync(report)) {
    const { testResults } = /** @type {VitestReport} */ (parseJson(await readFile(report, "utf8")));
    for (const file of testResults) {
      if (file.status === "failed" && file.assertionResults.length === 0) {
        outcome.failed.push(file.name);
      }
      for (const { status, fullName, meta } of file.assertionResults) {
        if (status === "passed") {
          outcome.passed += 1;
        } else if (status === "failed") {
          outcome.failed.push(fullName);
        } else if (meta?.needs !== undefined || !isFiltered) {
          leaveOut(outcome, fullName, meta?.needs ?? "");
        }
      }
    }
  }
  return withExitCode(outcome, code, name);
}

/**
 * Count a test that was not run as failed, but for one that says what this machine lacks.
 *
 * @param {Outcome} outcome
 * @param {string} name
 * @param {string} reason
 */
function leaveOut(outcome, name, reason) {
  if (reason.startsWith("needs ")) {
    outcome.notRun.push({ name, reason });
  } else {
    outcome.failed.push(`${name} (left out for no need of its own: ${reason})`);
  }
}

/**
 * Add a failure where the runner failed without a failed test, or where no test was run.
 *
 * @param {Outcome} outcome
 * @param {number} code the runner's
 * @param {string} name
 * @returns {Outcome}
 */
function withExitCode(outcome, code, name) {
  if (outcome.failed.length > 0) {
    return outcome;
  }
  if (code !== 0) {
    return { ...outcome, failed: [`${name}: the test runner ended with exit code ${code}`] };
  }
  return outcome.passed > 0 ? outcome : { ...outcome, failed: [`${name}: no test ran`] };
}

/**
 * Return the path for a runner's report, and remove that of an earlier run.
 *
 * @param {string} name
 */
export async function freshReport(name) {
  const report = inCache("reports", name);
  await mkdir(dirname(report), { recursive: true });
  await rm(report, { force: true });
  return report;
}

/**
 * Run a command whose output is passed on.
 *
 * @param {readonly string[]} argv
 * @param {How} [how]
 * @returns {Promise<number>} its exit code
 */
export async function inTerminal(argv, { most = limit, quiet = false, cwd = inRoot(), env = {} } = {}) {
  const started = start(argv, { cwd, show: !quiet, env });
  const hanging = setTimeout(() => {
    process.stderr.write(`Stopped after ${most / 60_000} minutes.\n`);
    void started.stop();
  }, most);
  const { code, output } = await started.ended;
  clearTimeout(hanging);
  if ((quiet && code !== 0) || (code === 127 && started.pid === undefined)) {
    process.stderr.write(`${output}\n`);
  }
  return code;
}
