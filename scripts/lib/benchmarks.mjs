// The parts of `npm run bench`: what each measures, and what is to be reached.
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { build } from "./build.mjs";
import { parseJson } from "./json.mjs";
import { makePackage } from "./package.mjs";
import { inCache, inRoot } from "./paths.mjs";
import { run } from "./processes.mjs";
import { distributions } from "./python.mjs";
import { provided, setup } from "./setup.mjs";
import { step } from "./terminal.mjs";

/** @typedef {import("./figures.mjs").Part} Part */
/** @typedef {import("./figures.mjs").Statement} Statement */

/**
 * @typedef {object} Benchmark
 * @property {string} name
 * @property {number} rounds how many are enough on an idle machine
 * @property {(rounds: number) => Promise<Part>} measure sets up what it needs, and measures
 * @property {readonly Statement[]} statements
 */

const bare = "python -I -S -c pass";
const folders = ["a .venv", "a declared workflow", "a .python-envs", "a uv.lock"];

/** @type {readonly Benchmark[]} */
export const benchmarks = [
  {
    name: "cli",
    rounds: 40,
    measure: async (rounds) => inPython("cli", rounds),
    statements: [
      ...["the extension's wsp", "the installed wsp"].flatMap((which) =>
        folders.flatMap((folder) => [
          { of: `${which}, ${folder}`, beside: bare, atMost: 4 },
          { of: `${which}, ${folder}`, beside: "uv python find", atMost: 3 },
        ]),
      ),
      { of: "the installed wsp, a .venv", beside: "python -I -c pass, in an environment" },
      { of: "the installed wsp, a .venv", beside: "hatch env find" },
      { of: "the installed wsp, a .venv", beside: "poetry env info -p" },
      { of: "wsp env run", beside: "uv run --no-sync", atMost: 2.5 },
    ],
  },
  {
    name: "launcher",
    rounds: 40,
    measure: async (rounds) => inPython("launcher", rounds),
    statements: [
      { of: "py -c pass", beside: "python -c pass", atMost: 2.5 },
      { of: "py -3 -c pass", beside: "python -c pass", atMost: 2.5 },
      { of: "py -c pass, a .venv", beside: "python -c pass, of a .venv", atMost: 2.5 },
      { of: "py script.py", beside: "python -c pass", atMost: 2.5 },
      { of: "py -c pass", beside: "python -c pass, in an environment" },
    ],
  },
  {
    name: "scripts",
    rounds: 12,
    measure: async (rounds) => inPython("scripts", rounds),
    statements: [
      { of: "wsp script run, warm, beyond 1.3 times its own Python", atMost: 30 },
      { of: "wsp script run, warm", beside: "uv run, warm" },
      { of: "wsp script run, warm", beside: "pipx run, warm", atMost: 1 },
      { of: "wsp script run, warm", beside: "hatch run, warm", atMost: 1 },
      { of: "wsp script run, first", beside: "uv run, first", atMost: 1.2 },
      { of: "wsp script run, first, its packages at hand", beside: "uv run, first, its packages at hand" },
      { of: "wsp tool run, warm", beside: "uvx, warm" },
      { of: "wsp tool run, warm", beside: "pipx run, a tool, warm", atMost: 1 },
      { of: "wsp python list, warm", beside: "uv python list --only-installed", atMost: 2 },
    ],
  },
  {
    name: "create",
    rounds: 10,
    measure: async (rounds) => inPython("create", rounds),
    statements: [
      { of: "wsp env create, uv.lock", beside: "uv venv + uv sync", atMost: 1.3 },
      { of: "wsp env create, three packages", beside: "uv venv + uv sync, three packages" },
      {
        of: "wsp env create without uv, a project",
        beside: "python -m venv + pip, a project",
        atMost: 1 / 1.7,
      },
      {
        of: "wsp env create without uv, requirements.txt",
        beside: "python -m venv + pip, requirements.txt",
        atMost: 1 / 3,
      },
      { of: "wsp env default, hatch's", beside: "hatch env find", atMost: 1 / 3 },
      { of: "wsp env default, poetry's", beside: "poetry env info -p", atMost: 1 / 15 },
    ],
  },
  {
    name: "helper",
    rounds: 15,
    measure: async (rounds) => inPython("helper", rounds),
    statements: [
      { of: "start to first answer", beside: "python: import pygls" },
      { of: "start to first answer", beside: bare },
      { of: "a warm answer", beside: "a line, echoed" },
      { of: "a warm answer", figure: "p99", atMost: 2 },
      { of: "1000 nested projects, first", atMost: 1000 },
      { of: "1000 nested projects, again", atMost: 1000 },
      { of: "memory after use", figure: "most", atMost: 60 },
      { of: "memory after 1000 projects", figure: "most", atMost: 60 },
    ],
  },
  {
    name: "protocol",
    rounds: 15,
    measure: async (rounds) => inPython("protocol", rounds),
    statements: [
      { of: "start of a server to its first answer", beside: bare, atMost: 1.7 },
      { of: "start of a server to its first answer", beside: "python -I -S -c 'import json'" },
      { of: "start of a server by the SDK to its first answer", beside: bare },
      { of: "a provisioned script, warm, to its first answer", beside: bare },
      { of: "wsp mcp to its first answer", beside: bare, atMost: 3 },
      { of: "a warm round trip", atMost: 0.07 },
      { of: "a warm round trip", figure: "p99" },
      { of: "round trips in a second" },
      { of: "memory for 100 MB of notifications", figure: "most", atMost: 20 },
    ],
  },
  {
    name: "ssh",
    rounds: 15,
    measure: async (rounds) => inPython("ssh", rounds),
    statements: [
      { of: "wsp env default over ssh", beside: "ssh HOST true", atMost: 1.3 },
      { of: "a question in an open session over ssh", atMost: 10 },
      { of: "wsp env default over ssh", beside: "ssh HOST python -c pass" },
    ],
  },
  {
    name: "sizes",
    rounds: 8,
    measure: async (rounds) => inPython("sizes", rounds),
    statements: [
      { of: "wsp env list, 500 elsewhere, all", beside: "wsp env list, 500 elsewhere", atMost: 3 },
      { of: "wsp env list, 2000 elsewhere, all", beside: "wsp env list, 500 elsewhere, all", atMost: 4.4 },
      { of: "wsp env default, 10000 lines", beside: "wsp env default, 2500 lines", atMost: 4.4 },
      { of: "wsp env check, 3000 packages", beside: "wsp env check, 750 packages", atMost: 4.4 },
      { of: "10000 nested projects", beside: "2500 nested projects", atMost: 4.4 },
    ],
  },
  {
    name: "tests",
    rounds: 10,
    measure: async (rounds) => inPython("tests", rounds),
    statements: [
      { of: "wsp test list", beside: "pytest --collect-only -q", atMost: 1.3 },
      { of: "wsp test run", beside: "pytest -q", atMost: 1.25 },
      { of: "wsp test run, one test, more", atMost: 250 },
    ],
  },
  {
    name: "activation",
    rounds: 12,
    measure: async (rounds) => inVsCode("activation", rounds),
    statements: [
      { of: "loading and activating", atMost: 20 },
      { of: "loading and activating", beside: "VS Code's own Git" },
      { of: "activate to selected", atMost: 100 },
      { of: "activate to selected", figure: "p90" },
      { of: "activate to selected", beside: bare },
      { of: "server spawned to ready" },
    ],
  },
  {
    name: "window",
    rounds: 12,
    measure: async (rounds) => inVsCode("window", rounds),
    statements: [
      { of: "picker opens", atMost: 100 },
      { of: "picker opens", beside: "VS Code's list of languages" },
      { of: "picker in 200 projects, more", atMost: 300 },
      { of: "file opened to interpreter" },
      { of: "file of 200 projects, more", atMost: 300 },
      { of: "window loaded to interpreter" },
      { of: "window of 200 projects, more", atMost: 300 },
    ],
  },
  {
    name: "click",
    rounds: 12,
    measure: async (rounds) => inVsCode("click", rounds),
    statements: [
      { of: "one test, from click to result", beside: "pytest, one test" },
      { of: "one test, from click to result, more", atMost: 250 },
    ],
  },
];

/**
 * @param {string} part
 * @param {number} rounds
 * @returns {Promise<Part>}
 */
async function inPython(part, rounds) {
  const paths = await setup({ node: true, python: true, tools: true });
  const python = provided(paths.python);
  await build(python);
  const folder = await scratch();
  try {
    const base = provided(paths.pythons?.[0]);
    const setting = {
      python: base,
      script: await installedFor(part, folder, python, base),
      helper: inRoot("dist", "helper"),
      tools: provided(paths.tools),
    };
    const file = join(folder, "setting.json");
    await writeFile(file, JSON.stringify(setting));
    return await step(`Measure: ${part}, ${rounds} rounds`, async () => {
      const words = [part, "--setup", file, "--rounds", String(rounds)];
      const text = await run([python, "-I", inRoot("benchmarks"), ...words], {
        failure: `The benchmark "${part}" could not be run.`,
      });
      return /** @type {Part} */ (parseJson(text));
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Return the installed `wsp` for a part that measures it. Its libraries are left out: an answer loads none of them.
 *
 * @param {string} part
 * @param {string} folder
 * @param {string} python
 * @param {string} base
 */
async function installedFor(part, folder, python, base) {
  switch (part) {
    case "cli":
    case "launcher":
      return installedScript(folder, python, base, ["--offline", "--no-deps", "--no-index"]);
    case "scripts":
    case "sizes":
      return installedScript(folder, python, base, []);
    default:
      return "";
  }
}

/**
 * Install `wsp` as a user would, with `py` beside it.
 *
 * @param {string} folder
 * @param {string} python the development environment's interpreter, which can build the package
 * @param {string} base the interpreter to install it for
 * @param {string[]} which further arguments for uv: the requirements to install with it
 */
async function installedScript(folder, python, base, which) {
  return step("Install wsp and py from wheels", async () => {
    const uv = join(dirname(python), "uv");
    const environment = join(folder, "environment");
    const wheels = join(folder, "wheels");
    const quiet = ["-q", "--no-config"];
    for (const distribution of distributions) {
      await run([uv, "build", ...quiet, "--offline", "--wheel", "--no-build-isolation", "--python", python].concat([
        ...["--out-dir", wheels, distribution],
      ]));
    }
    await run([uv, "venv", ...quiet, "--offline", "--python", base, environment]);
    const options = [...which, "--find-links", wheels, "--compile-bytecode", "--link-mode", "copy"];
    const interpreter = join(environment, "bin", "python");
    await run([uv, "pip", "install", ...quiet, ...options, "--python", interpreter].concat([
      ...["workflow-server", "python-workflow-helper", "python-workflow-launcher"],
    ]));
    return join(environment, "bin", "wsp");
  });
}

/**
 * Measure in the real VS Code, with the harness of the workbench tests.
 *
 * @param {string} part the name of its file, too
 * @param {number} rounds
 * @returns {Promise<Part>}
 */
async function inVsCode(part, rounds) {
  const { python } = await setup({ node: true, python: true, tools: true, codeServer: true, chromium: true });
  await makePackage(provided(python));
  const folder = await scratch();
  const result = join(folder, `${part}.json`);
  try {
    return await step(`Measure: ${part}, ${rounds} rounds`, async () => {
      const vitest = [process.execPath, inRoot("node_modules", "vitest", "vitest.mjs"), "run", "--project", "benchmarks"];
      await run([...vitest, inRoot("benchmarks", `${part}.test.ts`)], {
        cwd: inRoot(),
        env: { BENCHMARK_RESULT: result, BENCHMARK_ROUNDS: String(rounds) },
        failure: `The benchmark "${part}" could not be run.`,
      });
      return /** @type {Part} */ (parseJson(await readFile(result, "utf8")));
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function scratch() {
  await mkdir(inCache("bench"), { recursive: true });
  return mkdtemp(inCache("bench", "run-"));
}
