import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import type { TestContext } from "vitest";

import { inRoot } from "../../../../scripts/lib/paths.mjs";
import { run } from "../../../../scripts/lib/processes.mjs";
import type { Machine } from "./machine.ts";
import { paths } from "./paths.ts";

/** What the machine of the user calls the other one, and where that has a project. */
const HOST = "dev@elsewhere";
export const FOLDER_THERE = "/srv/app";
/** The exit status that says that this machine cannot be two. */
const CANNOT = 3;

/** Another machine behind a real OpenSSH server, which the user of a test's machine can reach: the one of the Python tests. */
export class OtherMachine implements AsyncDisposable {
  private readonly process: ChildProcess;
  private readonly base: string;
  private readonly ssh: string;

  private constructor(process: ChildProcess, base: string, bin: string) {
    this.process = process;
    this.base = base;
    this.ssh = join(bin, "ssh");
  }

  /** Where this machine cannot be two the test ends here, and `npm test` says so. */
  static async reachableFrom(machine: Machine, context: Pick<TestContext, "skip" | "task">): Promise<OtherMachine> {
    const base = join(dirname(machine.home), "other");
    await mkdir(base);
    const argv = ["-m", "support.other_machine", base, machine.home];
    const started = spawn(paths.python, argv, { cwd: inRoot("tests", "python"), stdio: ["pipe", "pipe", "inherit"] });
    const bin = await Promise.race([
      once(started.stdout, "data").then(([line]) => String(line).trim()),
      once(started, "close").then(([code]) => Number(code)),
    ]);
    if (bin === CANNOT) {
      context.task.meta.needs =
        "needs root, namespaces and an OpenSSH server, to be another machine too; to run it: sudo apt-get install -y openssh-server";
      context.skip();
    }
    if (typeof bin === "number") {
      throw new Error(`the other machine ended with ${bin}`);
    }
    await machine.setPath(bin, machine.bin, "/usr/bin", "/bin");
    return new OtherMachine(started, base, bin);
  }

  /** Write a file there. */
  async write(path: string, content: string): Promise<void> {
    const file = join(this.base, "root", path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    await chmod(file, 0o755);
  }

  /** A file of it. */
  async read(path: string): Promise<string> {
    return readFile(join(this.base, "root", path), "utf8");
  }

  /** Run a line of its shell there; resolves with what it wrote. */
  async run(line: string): Promise<string> {
    return run([this.ssh, HOST, line]);
  }

  /** Has a workflow of it be the one of a folder of the user's. */
  async govern(machine: Machine, folder: string, wsp: string): Promise<void> {
    const file = join(machine.home, ".config", "python-workflow", "pyworkflow.toml");
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `[[folder]]\npath = "${folder}"\nwsp = { ssh = "${HOST}", folder = "${FOLDER_THERE}", wsp = "${wsp}" }\n`);
  }

  /** Ends it with all that runs there. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.process.stdin?.end();
    if (this.process.exitCode === null) {
      await once(this.process, "close");
    }
  }
}
