// Starting programs so that none of them outlives the script that started it.
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { createWriteStream, existsSync, readFileSync, readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { Failure, say, silence } from "./terminal.mjs";

/** The variable that marks every process started here, and every process that it starts. */
const markName = "PYTHON_WORKFLOW_STARTED_BY";

/** Variables of the user's shell that would change what our tools do. */
const hijackers = [
  "CONDA_DEFAULT_ENV",
  "CONDA_PREFIX",
  "NODE_OPTIONS",
  "PIP_PREFIX",
  "PIP_REQUIRE_VIRTUALENV",
  "PIP_TARGET",
  "PIP_USER",
  // Containers set it, and each test worker would compile every test again.
  "PYTHONDONTWRITEBYTECODE",
  "PYTHONHOME",
  "PYTHONPATH",
  "VIRTUAL_ENV",
  "__PYVENV_LAUNCHER__",
];

/** The system's certificates as one file, on Debian and its derivatives. */
const certificates = "/etc/ssl/certs/ca-certificates.crt";

/**
 * Variables that let tools with certificates of their own use the system's instead, as curl, git and pip do: behind a
 * company's proxy only those work. Each is set unless the user set it, or its older name.
 *
 * @type {Record<string, {value: string, older?: string}>}
 */
const systemCertificates = {
  NODE_USE_SYSTEM_CA: { value: "1" },
  UV_SYSTEM_CERTS: { value: "true", older: "UV_NATIVE_TLS" },
  // Poetry's library knows of no store, but of a file.
  ...(existsSync(certificates) ? { REQUESTS_CA_BUNDLE: { value: certificates } } : {}),
};

/** The variables that "npm run" sets, which an npm that we start would take for its own settings. */
const ofNpmRun = /^(NODE$|INIT_CWD$|npm_(?!config_)|npm_config_(user_agent|npm_version|node_gyp|(local_|global_)?prefix)$)/;

/** @type {Set<Started>} */
const running = new Set();

/**
 * Return this process's environment without the variables that would mislead a tool, and with the system's
 * certificates.
 *
 * @returns {Record<string, string>}
 */
function environment() {
  /** @type {Record<string, string>} */
  const result = {};
  for (const [name, { value, older }] of Object.entries(systemCertificates)) {
    if (older === undefined || process.env[older] === undefined) {
      result[name] = value;
    }
  }
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && !hijackers.includes(name) && !ofNpmRun.test(name)) {
      result[name] = value;
    }
  }
  return result;
}

/**
 * @typedef {object} Options
 * @property {string} [cwd]
 * @property {Record<string, string>} [env] added to this process's environment
 * @property {boolean} [bare] with `env` alone as its environment
 * @property {string} [log] a file that gets all output
 * @property {boolean} [show] pass output on as it comes
 */

/**
 * @typedef {object} Started
 * @property {number | undefined} pid nothing when it could not be started
 * @property {Promise<Ended>} ended
 * @property {() => string} output all it wrote so far
 * @property {(grace?: number) => Promise<void>} stop ends it and everything it started: politely, then, after `grace`
 *   milliseconds, for good
 * @property {() => number[]} family it and everything it started that still runs; empty where the system cannot be
 *   asked (anything but Linux)
 */

/**
 * @typedef {object} Ended
 * @property {number} code 127 when it could not be started
 * @property {string} stdout
 * @property {string} output both streams
 */

/**
 * Start a program in a process group of its own, without a shell and without a terminal to read from.
 *
 * @param {readonly string[]} argv
 * @param {Options} [options]
 * @returns {Started}
 */
export function start(argv, { cwd, env, bare = false, log, show = false } = {}) {
  const [program = "", ...args] = argv;
  const mark = randomUUID();
  const child = spawn(program, args, {
    cwd,
    env: {
      ...(bare ? {} : environment()),
      ...env,
      // Ours after our starter's, so that it finds what we start as well.
      [markName]: `${process.env[markName] ?? ""}:${mark}`,
    },
    stdio: ["ignore", "pipe", "pipe"],
    detached: process.platform !== "win32",
  });
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
  /** @type {Promise<Ended>} */
  const ended = new Promise((resolve) => {
    child.on("error", (error) => {
      file?.end();
      resolve({ code: 127, stdout: "", output: error.message });
    });
    child.on("close", (code) => {
      file?.end();
      resolve({ code: code ?? 1, stdout: out.join(""), output: all.join("") });
    });
  });
  /** @type {Started} */
  const started = {
    pid: child.pid,
    ended,
    output: () => all.join(""),
    family: () => marked(mark),
    stop: async (grace = 3000) => {
      const isOver = () => child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
      signalFamily(started, "SIGTERM");
      const deadline = performance.now() + grace;
      while (performance.now() < deadline && (!isOver() || started.family().length > 0)) {
        await sleep(50);
      }
      for (let attempt = 0; attempt < 40 && (!isOver() || started.family().length > 0); attempt += 1) {
        signalFamily(started, "SIGKILL");
        await sleep(50);
      }
    },
  };
  running.add(started);
  void ended.then(() => running.delete(started));
  return started;
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

/** Stop all started processes that have not ended. */
export async function stopAll() {
  await Promise.all([...running].map(async (started) => started.stop()));
}

/** Stop all started processes first on Ctrl-C and on TERM. */
export function stopOnSignals() {
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
      silence();
      say("\nStopping ...");
      void stopAll().finally(() => process.exit(code));
    });
  }
}

/**
 * Signal the process group, and what has left it.
 *
 * @param {Started} started
 * @param {NodeJS.Signals} signal
 */
function signalFamily({ pid, family }, signal) {
  if (pid !== undefined) {
    send(process.platform === "win32" ? pid : -pid, signal);
  }
  for (const member of family()) {
    send(member, signal);
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

/**
 * Find the processes whose environment has a mark; a zombie has none.
 *
 * @param {string} mark
 */
function marked(mark) {
  if (process.platform !== "linux") {
    return [];
  }
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/environ`, "latin1").includes(mark);
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
