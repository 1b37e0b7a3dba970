/** The helper as a whole: a Python for it, its first answers, and its server. */
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import type { LogOutputChannel, Memento } from "vscode";

import { type HelperClient, HelperError, type Progress } from "../core/client.ts";
import type { AskedFolder } from "../core/oneShot.ts";
import { expandHome } from "../core/paths.ts";
import { candidatePythons } from "../core/pythons.ts";
import type {
  Answer,
  Context,
  NotificationType,
  ProgressToken,
  RequestType,
} from "../protocol.ts";
import { firstAnswers } from "../core/firstAnswers.ts";
import { thisMachine } from "./machine.ts";
import { helperArguments, type HelperFiles, oneShot } from "./oneShot.ts";
import { Children } from "./process.ts";
import { type ServerTrouble, Supervisor } from "./supervisor.ts";

const REQUEST_TIMEOUT_MS = 30_000;
const REMEMBERED_KEY = "helperPython";
/** The most folders that are asked about before the server is up, each by a process of its own. */
const MOST_FIRST = 4;

/** The values that the helper takes from VS Code, read when they are used. */
export interface HelperOptions {
  /** Absolute path of the folder with the helper's `__main__.py`. */
  readonly helper: string;
  /** Absolute path of the extension's own folder for data: children run there. */
  readonly storage: string;
  /** The store that remembers which Python ran the helper last. */
  readonly memory: Memento;
  readonly log: LogOutputChannel;
  readonly context: () => Context;
  /** The user's choice of a Python for the helper. */
  readonly python: () => string | undefined;
  /** The folders that are open. */
  readonly workspace: () => readonly AskedFolder[];
}

/** The handlers of the helper's events. */
export interface HelperListener {
  /** Answers that changed. */
  readonly onAnswers: (answers: readonly Answer[]) => void;
  /** The server runs, for the first time or again: earlier answers may be out of date. */
  readonly onReady: () => void;
  /** The server does not start, or ends again and again. */
  readonly onTrouble: (trouble: ServerTrouble) => void;
  /** A Python for the helper was found (its absolute path), or none was; `unresponsive` are those that did not respond. */
  readonly onPython: (python: string | undefined, unresponsive: readonly string[]) => void;
}

/** Answers questions through the helper; finds a Python for it and keeps it running. */
export class Helper implements HelperClient {
  private readonly options: HelperOptions;
  private readonly children: Children;
  private readonly files: HelperFiles;
  /** A folder to ask about when only the Python matters. */
  private readonly nowhere: AskedFolder;
  private readonly supervisor: Supervisor;
  private listener: HelperListener | undefined;
  private python: string | undefined;
  private requests = 0;

  constructor(options: HelperOptions) {
    this.options = options;
    mkdirSync(options.storage, { recursive: true });
    this.children = new Children(options.storage);
    // The file, not its folder: for a folder Python loads what it needs to run archives, which takes half a millisecond.
    this.files = { helper: join(options.helper, "__main__.py"), cache: join(options.storage, "pycache") };
    this.nowhere = { uri: "", path: options.storage };
    this.supervisor = new Supervisor({
      spawn: async () => this.spawn(),
      kill: (child) => {
        this.children.stop(child);
      },
      context: options.context,
      log: options.log,
      onAnswers: (answers) => this.listener?.onAnswers(answers),
      onReady: () => this.listener?.onReady(),
      onTrouble: (trouble) => this.listener?.onTrouble(trouble),
    });
  }

  /** Set the listener. None of its handlers is called before the next turn of the event loop. */
  listen(listener: HelperListener): void {
    this.listener = listener;
  }

  /** Answer for the first of the open folders, each from a helper of its own, before the server is up. */
  async firstAnswers(): Promise<readonly Answer[]> {
    return this.find(this.options.workspace().slice(0, MOST_FIRST));
  }

  /** Start the server, or restart it. */
  async start(): Promise<void> {
    return this.supervisor.start();
  }

  /** Return the Python that runs the helper; undefined while none is known. */
  runner(): string | undefined {
    return this.python;
  }

  /** Return the program and arguments that are `wsp` with `words`; undefined while no Python for it is known. */
  commandLine(words: readonly string[]): readonly string[] | undefined {
    return this.python === undefined ? undefined : [this.python, ...helperArguments(this.files, words)];
  }

  /** Look for a Python again, and start the server with it. */
  async restart(): Promise<void> {
    this.python = undefined;
    return this.supervisor.start();
  }

  async request<P extends object, R>(type: RequestType<P, R>, params: P): Promise<R> {
    const server = await this.supervisor.whenRunning(REQUEST_TIMEOUT_MS);
    const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    return withinTime(server.request(type, params, { signal: timeout }), timeout);
  }

  async perform<P extends { readonly workDoneToken?: ProgressToken }, R>(
    type: RequestType<P, R>,
    params: Omit<P, "workDoneToken">,
    signal: AbortSignal,
    report: (progress: Progress) => void,
  ): Promise<R> {
    const server = await this.supervisor.whenRunning(REQUEST_TIMEOUT_MS);
    this.requests += 1;
    const token = `work-${this.requests}`;
    return server.request<object, R>(type, { ...params, workDoneToken: token }, {
      signal,
      progress: { token, report },
    });
  }

  async stream<P extends { readonly partialResultToken?: ProgressToken }, R>(
    type: RequestType<P, R>,
    params: Omit<P, "partialResultToken">,
    signal: AbortSignal,
    take: (part: unknown) => void,
  ): Promise<R> {
    const server = await this.supervisor.whenRunning(REQUEST_TIMEOUT_MS);
    this.requests += 1;
    const token = `part-${this.requests}`;
    return server.request<object, R>(type, { ...params, partialResultToken: token }, { signal, parts: { token, take } });
  }

  notify<P extends object>(type: NotificationType<P>, params: P): void {
    this.supervisor.running?.notify(type, params);
  }

  /** End everything that was started. */
  async dispose(): Promise<void> {
    await this.supervisor.dispose();
    this.children.dispose();
  }

  private async spawn(): Promise<ChildProcessWithoutNullStreams | undefined> {
    if (this.python === undefined) {
      await this.find([]);
    }
    if (this.python === undefined) {
      return undefined;
    }
    const child = this.children.start(this.python, helperArguments(this.files, ["lsp"]));
    child.once("error", (error) => {
      this.options.log.warn(`${this.python ?? ""} could not be started: ${error.message}`);
      // This Python is gone: the next start looks for another.
      this.python = undefined;
    });
    return child;
  }

  private async find(folders: readonly AskedFolder[]): Promise<readonly Answer[]> {
    const { context, log, memory, python, workspace } = this.options;
    const setting = python();
    const candidates = candidatePythons(thisMachine(), {
      setting: setting === undefined ? undefined : expandHome(process.platform, homedir(), setting),
      remembered: memory.get<string>(REMEMBERED_KEY),
      workspace: workspace().map((open) => open.path),
    });
    const now = context();
    const queried = folders.length > 0 ? folders : [this.nowhere];
    const found = await firstAnswers(candidates, queried, async (program, folder) =>
      oneShot(this.children, program, this.files, folder, now),
    );
    for (const problem of found.problems) {
      log.warn(problem);
    }
    this.python = found.python;
    this.listener?.onPython(found.python, found.unresponsive);
    if (found.python !== undefined && memory.get(REMEMBERED_KEY) !== found.python) {
      void memory.update(REMEMBERED_KEY, found.python);
    }
    return folders.length > 0 ? found.answers : [];
  }
}

/** Reject when the time is up: the helper may be too busy to notice that the request was cancelled. */
async function withinTime<T>(response: Promise<T>, timeout: AbortSignal): Promise<T> {
  return Promise.race([
    response,
    new Promise<never>((_, reject) => {
      timeout.addEventListener("abort", () => {
        reject(new HelperError("The helper did not answer in time.", "unavailable", null));
      });
    }),
  ]);
}
