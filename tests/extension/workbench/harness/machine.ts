import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { inject } from "vitest";

import { inCache, inRoot } from "../../../../scripts/lib/paths.mjs";
import { run } from "../../../../scripts/lib/processes.mjs";
import { takeAddress } from "./addresses.ts";
import { newPage } from "./browser.ts";
import { installExtension, packExtension } from "./installing.ts";
import { paths } from "./paths.ts";
import { startServer } from "./server.ts";
import { withoutMachine } from "./serverless.ts";
import type { Server } from "./server.ts";
import { Workbench } from "./workbench.ts";

/** How VS Code treats the folder's trust. */
export type Trust =
  /** Every folder is trusted; nothing asks. */
  | "trusted"
  /** No folder is trusted until the test says so with {@link Workbench.trust}. */
  | "restricted"
  /** As restricted, and VS Code asks on opening. */
  | "ask";

export interface OpenOptions {
  /** Default: `"trusted"`. */
  readonly trust?: Trust;
  /** The user's settings, beside those that keep VS Code quiet. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Added to the environment that VS Code, and so the extension, runs in. */
  readonly env?: Readonly<Record<string, string>>;
  /** Cut off from this machine: {@link withoutMachine}. The path does not matter then. */
  readonly alone?: boolean;
  /** The folders of other extensions, to be packaged and installed beside ours; absolute. */
  readonly extensions?: readonly string[];
  /** Changes what is installed before VS Code starts: it is given the folder of installed extensions, a copy of its own. */
  readonly prepare?: (extensions: string) => Promise<void>;
}

export interface EnvironmentOptions {
  /** The interpreter to make it with; default: the newest one. */
  readonly python?: string;
}

/** VS Code without its offers, tips and assistants. */
const quiet = {
  "chat.agentHost.enabled": false,
  "chat.disableAIFeatures": true,
  "extensions.ignoreRecommendations": true,
  "security.workspace.trust.startupPrompt": "never",
  "security.workspace.trust.banner": "never",
  "telemetry.telemetryLevel": "off",
  "workbench.reduceMotion": "on",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
};

/**
 * A machine of a test's own: a home, a PATH, folders, and VS Code on them. It
 * sees nothing of the real one but `/usr/bin`, and is gone after the test.
 *
 * Tests get one as the fixture `machine` of {@link import("./index.ts").test}.
 */
export class Machine {
  /** The user's home folder; absolute, without symlinks, as are all paths here. */
  readonly home: string;
  /** First on PATH; holds `python3`, which runs the helper. */
  readonly bin: string;
  private readonly top: string;
  private readonly servers: Server[] = [];
  private readonly opened: Workbench[] = [];

  private constructor(top: string) {
    this.top = top;
    this.home = join(top, "home");
    this.bin = join(this.home, ".local", "bin");
  }

  static async create(): Promise<Machine> {
    const machine = new Machine(await realpath(await mkdtemp(join(tmpdir(), "workbench-"))));
    for (const folder of [machine.home, machine.bin, machine.folder("")]) {
      await mkdir(folder, { recursive: true });
    }
    // VS Code takes the PATH that a login shell has.
    await machine.setPath(machine.bin, "/usr/bin", "/bin");
    const [python] = paths.pythons;
    if (python !== undefined) {
      await machine.addProgram("python3", python);
    }
    return machine;
  }

  /** The absolute path of a folder or file among the user's projects: `~/src/PARTS`. It need not exist. */
  folder(...parts: string[]): string {
    return join(this.home, "src", ...parts);
  }

  /** Write a file, and the folders it is in. Returns its absolute path. */
  async write(path: string, text: string | Uint8Array = ""): Promise<string> {
    const file = this.folder(path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    return file;
  }

  /** Write a `.code-workspace` file over these folders (absolute). Returns its absolute path. */
  async writeWorkspace(name: string, folders: readonly string[]): Promise<string> {
    const content = { folders: folders.map((path) => ({ path })) };
    return this.write(`${name}.code-workspace`, JSON.stringify(content));
  }

  /** Make a real environment, e.g. at `"project/.venv"`. Returns its absolute path. */
  async makeEnvironment(path: string, { python }: EnvironmentOptions = {}): Promise<string> {
    const folder = this.folder(path);
    const uv = paths.tools["uv"];
    if (uv === undefined) {
      throw new Error("uv is not set up");
    }
    await mkdir(dirname(folder), { recursive: true });
    const base = python ?? paths.pythons[0] ?? paths.python;
    await run([uv, "venv", "-q", "--no-config", "--no-python-downloads", "--python", base, folder]);
    return folder;
  }

  /** Remove a file or a whole folder among the user's projects. */
  async remove(path: string): Promise<void> {
    await rm(this.folder(path), { recursive: true });
  }

  /** Have a login shell, and with it VS Code, look for programs in these folders, in place of {@link bin} and the system's. */
  async setPath(...folders: string[]): Promise<void> {
    await writeFile(join(this.home, ".bash_profile"), `export PATH=${folders.join(":")}\n`);
  }

  /** Put a program on PATH, as a link. */
  async addProgram(name: string, target: string): Promise<void> {
    await symlink(target, join(this.bin, name));
  }

  /**
   * Open a folder, a `.code-workspace` file, or nothing, in a new VS Code and a
   * page of its own. Ready when the workbench is; the extension may still be
   * starting.
   */
  async open(path?: string, options: OpenOptions = {}): Promise<Workbench> {
    const { trust = "trusted", settings, env } = options;
    const data = join(this.top, `data-${this.servers.length + 1}`);
    const trustSettings = trust === "ask" ? { "security.workspace.trust.startupPrompt": "always" } : {};
    await mkdir(join(data, "User"), { recursive: true });
    await writeFile(
      join(data, "User", "settings.json"),
      JSON.stringify({ ...quiet, ...trustSettings, ...settings }, undefined, 2),
    );
    await shareCompiled(data);
    const address = takeAddress();
    const server = await startServer({
      address,
      data,
      extensions: await this.installed(data, options),
      builtIn: inject("builtIn"),
      log: `${data}.log`,
      trustAll: trust === "trusted",
      env: {
        ...this.environment(),
        TMPDIR: await this.temporary(),
        // A desktop's VS Code comes with its code compiled.
        NODE_COMPILE_CACHE: inCache("node-compile"),
        ...env,
      },
    });
    this.servers.push(server);
    const page = await newPage(address);
    const workbench = new Workbench(page, server, data);
    this.opened.push(workbench);
    if (options.alone === true) {
      const [ours = ""] = (await readdir(inject("extensions"))).filter((name) => name.startsWith("python-workflow."));
      await withoutMachine(page, server.url, join(inject("extensions"), ours));
    }
    const parameter = path?.endsWith(".code-workspace") === true ? "workspace" : "folder";
    await page.goto(path === undefined ? `${server.url}/?ew=true` : `${server.url}/?${parameter}=${encodeURIComponent(path)}`);
    await workbench.ready();
    return workbench;
  }

  /** Run `wsp` at the command line of this machine, in the home folder; resolves with what it printed. */
  async wsp(...words: string[]): Promise<string> {
    const argv = [join(this.bin, "python3"), "-I", "-S", inRoot("dist", "helper"), ...words];
    return run(argv, { bare: true, cwd: this.home, env: this.environment() });
  }

  /** Every VS Code that is open now. */
  get workbenches(): readonly Workbench[] {
    return this.opened;
  }

  /** End everything this machine started, and remove it. */
  async dispose(): Promise<void> {
    for (const workbench of this.opened) {
      await workbench.close();
    }
    for (const server of this.servers) {
      await server.stop();
    }
    if (existsSync(this.top)) {
      await rm(this.top, { recursive: true, force: true, maxRetries: 5 });
    }
  }

  /** A folder of installed extensions that holds ours and, packaged, the others that are wished for. */
  private async installed(
    data: string,
    { extensions: others = [], prepare }: OpenOptions,
  ): Promise<string> {
    if (others.length === 0 && prepare === undefined) {
      return inject("extensions");
    }
    const extensions = `${data}-extensions`;
    await cp(await withOthers(others), extensions, { recursive: true });
    await prepare?.(extensions);
    return extensions;
  }

  /** What every program of this machine sees. */
  private environment(): Record<string, string> {
    const path = [this.bin, "/usr/bin", "/bin"].join(":");
    return { HOME: this.home, LANG: "C.UTF-8", PATH: path, SHELL: "/bin/bash", USER: "user", ...network() };
  }

  private async temporary(): Promise<string> {
    const folder = join(this.top, "tmp");
    await mkdir(folder, { recursive: true });
    return folder;
  }
}

/** Folders of installed extensions, by those that they hold beside ours; for the tests of a file. */
const installedOnce = new Map<string, Promise<string>>();

async function withOthers(others: readonly string[]): Promise<string> {
  if (others.length === 0) {
    return inject("extensions");
  }
  const key = others.join("\n");
  const installing = installedOnce.get(key) ?? installOthers(others);
  installedOnce.set(key, installing);
  return installing;
}

async function installOthers(others: readonly string[]): Promise<string> {
  const top = await mkdtemp(join(dirname(inject("extensions")), "others-"));
  const extensions = join(top, "extensions");
  await cp(inject("extensions"), extensions, { recursive: true });
  for (const [index, folder] of others.entries()) {
    const vsix = join(top, `${index}.vsix`);
    await packExtension(folder, vsix);
    await installExtension(vsix, extensions, join(top, "data"));
  }
  return extensions;
}

/** Has the helper find its code compiled, as wherever VS Code was started before. */
async function shareCompiled(data: string): Promise<void> {
  const storage = join(data, "User", "globalStorage", "python-workflow.python-workflow");
  await mkdir(storage, { recursive: true });
  await symlink(inject("compiled"), join(storage, "pycache"));
}

/** The variables by which this machine reaches its package index, if it needs them. */
function network(): Record<string, string> {
  const names = [
    ...["SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"],
    ...["PIP_CERT", "PIP_INDEX_URL", "PIP_CONFIG_FILE", "PIP_DEFAULT_TIMEOUT"],
    ...["UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_CONFIG_FILE", "UV_SYSTEM_CERTS", "UV_NATIVE_TLS"],
    ...["PDM_PYPI_URL", "PIPENV_PYPI_MIRROR"],
  ];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
