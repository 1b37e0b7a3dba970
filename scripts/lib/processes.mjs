// Starting programs so that none of them outlives the script that started it.
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { createWriteStream, readFileSync, readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { Failure } from "./terminal.mjs";

/** Every process started here inherits this mark, and with it every process that it starts. */
const markName = "PYTHON_WORKFLOW_SCRIPT";
const mark = randomUUID();

/** What a caller's shell may have set that would change what our tools do. */
const hijackers = [
  "CONDA_DEFAULT_ENV",
  "CONDA_PREFIX",
  "NODE_OPTIONS",
  "PIP_PREFIX",
  "PIP_REQUIRE_VIRTUALENV",
  "PIP_TARGET",
  "PIP_USER",
  "PYTHONHOME",
  "PYTHONPATH",
  "VIRTUAL_ENV",
  "__PYVENV_LAUNCHER__",
];

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();

/**
 * This process's environment without what would hijack a tool, with the mark and the caller's additions.
 *
 * @param {Record<string, string>} [additions]
 * @returns {Record<string, string>}
 */
export function environment(additions = {}) {
  /** @type {Record<string, string>} */
  const result = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && !hijackers.includes(name)) {
      result[name] = value;
    }
  }
  return { ...result, [markName]: mark, ...additions };
}

/**
 * @typedef {object} Options
 * @property {string} [cwd]
 * @property {Record<string, string>} [env] added to this process's environment
 * @property {string} [log] a file that gets all output
 * @property {boolean} [show] pass output on as it comes
 */

/**
 * Start a program in a process group of its own, without a shell and without a terminal to read from.
 *
 * @param {readonly string[]} argv
 * @param {Options} [options]
 */
export function start(argv, { cwd, env, log, show = false } = {}) {
  const [program = "", ...args] = argv;
  const child = spawn(program, args, {
    cwd,
    env: environment(env),
    stdio: ["ignore", "pipe", "pipe"],
    detached: process.platform !== "win32",
  });
  running.add(child);
  const file = log === undefined ? undefined : createWriteStream(log);
  /** @type {string[]} */
  const out = [];
  /** @type {string[]} */
  const all = [];
  child.stdout.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
    out.push(text);
    all.push(text);
    file?.write(text);
    if (show) {
      process.stdout.write(text);
    }
  });
  child.stderr.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
    all.push(text);
    file?.write(text);
    if (show) {
      process.stderr.write(text);
    }
  });
  /** @type {Promise<{code: number, stdout: string, output: string}>} */
  const ended = new Promise((resolve) => {
    child.on("error", (error) => {
      running.delete(child);
      file?.end();
      resolve({ code: 127, stdout: "", output: error.message });
    });
    child.on("close", (code) => {
      running.delete(child);
      file?.end();
      resolve({ code: code ?? 1, stdout: out.join(""), output: all.join("") });
    });
  });
  return { child, ended };
}

/**
 * Run a program to its end.
 *
 * @param {readonly string[]} argv
 * @param {Options & {failure?: string, hint?: string}} [options] `failure` and `hint` are the sentences for a non-zero exit
 * @returns {Promise<string>} what it wrote to stdout
 * @throws {Failure} when it cannot be started or exits with anything but zero
 */
export async function run(argv, { failure, hint, ...options } = {}) {
  const { code, stdout, output } = await start(argv, options).ended;
  if (code !== 0) {
    throw new Failure(failure ?? `"${argv.join(" ")}" ended with exit code ${code}.`, {
      log: tail(output),
      ...(hint === undefined ? {} : { hint }),
    });
  }
  return stdout;
}

/**
 * Stop everything that was started and has not ended: first politely, then for good.
 *
 * The mark finds what left its process group, where the system can be asked (Linux).
 *
 * @param {number} [grace] milliseconds between the two
 */
export async function stopAll(grace = 3000) {
  signalAll("SIGTERM");
  const deadline = performance.now() + grace;
  while (performance.now() < deadline && (running.size > 0 || marked().length > 0)) {
    await sleep(50);
  }
  signalAll("SIGKILL");
  for (let attempt = 0; attempt < 20 && marked().length > 0; attempt += 1) {
    await sleep(50);
  }
}

/**
 * Make Ctrl-C and a polite end stop everything first.
 *
 * @param {() => void} [before] called at once
 */
export function stopOnSignals(before) {
  let stopping = false;
  /** @type {[NodeJS.Signals, number][]} */
  const exitCodes = [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ];
  for (const [signal, code] of exitCodes) {
    process.on(signal, () => {
      if (stopping) {
        return;
      }
      stopping = true;
      before?.();
      void stopAll().finally(() => process.exit(code));
    });
  }
}

/** @param {NodeJS.Signals} signal */
function signalAll(signal) {
  for (const child of running) {
    if (child.pid !== undefined) {
      send(process.platform === "win32" ? child.pid : -child.pid, signal);
    }
  }
  for (const pid of marked()) {
    send(pid, signal);
  }
}

/**
 * @param {number} pid
 * @param {NodeJS.Signals} signal
 */
function send(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}

/** Processes, other than this one, that carry this script's mark. */
function marked() {
  if (process.platform !== "linux") {
    return [];
  }
  const entry = `\0${markName}=${mark}\0`;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => {
      try {
        return `\0${readFileSync(`/proc/${name}/environ`, "latin1")}`.includes(entry);
      } catch {
        return false; // ended meanwhile, or somebody else's
      }
    })
    .map(Number);
}

/**
 * @param {string} text
 * @param {number} [lines]
 */
export function tail(text, lines = 20) {
  return text.trimEnd().split("\n").slice(-lines).join("\n");
}
