/** The API for other extensions, which `packages/api` documents. */
import { execFile } from "node:child_process";
import { basename, isAbsolute } from "node:path";
import { isDeepStrictEqual } from "node:util";

import * as vscode from "vscode";

import { Create } from "../acts.ts";
import {
  API_VERSION,
  type BackgroundRun,
  type CreateOptions,
  type Interpreter,
  type InterpreterChange,
  type PythonEnvironment,
  type PythonWorkflowApi,
  type PythonWorkflowExports,
  type TaskOptions,
  type Untrusted,
} from "../api.ts";
import type { HelperClient } from "../core/client.ts";
import { asSentence } from "../core/displayText.ts";
import {
  ApiError,
  published,
  publishedEnvironment,
  publishedError,
  publishedExplanation,
  publishedList,
} from "../core/publish.ts";
import { UNTRUSTED } from "../core/restricted.ts";
import { changedVariables, plainProcess } from "../core/processes.ts";
import { TASK_TYPE } from "../core/tasks.ts";
import { type Answer, Environments, Explain, Forget, type RequestType, Select } from "../protocol.ts";
import type { Interpreters } from "./interpreters.ts";
import { withProgress } from "./progress.ts";
import { type How, howToStart, NoEnvironment, type Starting } from "./starting.ts";
import { pythonTask } from "./tasks.ts";

/** Bytes that a run in the background may write to either stream. */
const MOST_OUTPUT = 16 * 1024 * 1024;

/** Implements the API; what it returns, and does, depends on Workspace Trust at that moment. */
export class PublicApi implements vscode.Disposable {
  private readonly helper: HelperClient;
  private readonly interpreters: Interpreters;
  private readonly shown: Promise<void>;
  private readonly changes = new vscode.EventEmitter<InterpreterChange>();
  private readonly lastPublished = new Map<string, Interpreter>();
  private readonly ending = new AbortController();
  private readonly subscriptions: vscode.Disposable;

  /** The exports of the extension. */
  readonly exported: PythonWorkflowExports;

  /** @param shown settles when the first answers are there, long before the helper runs */
  constructor(helper: HelperClient, interpreters: Interpreters, shown: Promise<void>) {
    this.helper = helper;
    this.interpreters = interpreters;
    this.shown = shown;
    const first = this.first();
    this.exported = {
      getApi: (version: number) => {
        if (version !== 1) {
          throw new Error(`This version of Python Workflow has version 1 of its API, and no version ${version}: update it.`);
        }
        return first;
      },
    };
    this.subscriptions = vscode.Disposable.from(
      this.changes,
      interpreters.onDidChange(({ answer }) => {
        this.tell(answer);
      }),
      // Trust may have been granted: answers that have not changed may be reported now.
      interpreters.onDidRefresh(() => {
        interpreters.all().forEach((answer) => {
          this.tell(answer);
        });
      }),
    );
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.ending.abort();
  }

  /** Return version 1 of the API, which never changes: an incompatible one gets a new version beside it. */
  private first(): PythonWorkflowApi {
    const { helper, interpreters } = this;
    return Object.freeze<PythonWorkflowApi>({
      version: API_VERSION,
      getInterpreter: async (uri) =>
        whenTrusted(uri, async (place) => published(await this.answer(place), true)),
      listEnvironments: async (uri, { pythons = false } = {}) =>
        whenTrusted(uri, async (place) => publishedList(await helper.request(Environments, { uri: place, pythons }))),
      explain: async (uri) =>
        whenTrusted(uri, async (place) => {
          const answer = await interpreters.resolve(place);
          return publishedExplanation(await helper.request(Explain, { uri: place }), answer);
        }),
      select: async (uri, environment) =>
        acting(uri, async (place) => {
          const selection = typeof environment === "string" ? environment : environment.prefix;
          if (!isAbsolute(selection)) {
            throw new ApiError("usage", `"${selection}" is not an absolute path.`);
          }
          return this.change(Select, { uri: place, selection });
        }),
      selectNone: async (uri) => acting(uri, async (place) => this.change(Select, { uri: place, selection: "none" })),
      clearSelection: async (uri) => acting(uri, async (place) => this.change(Forget, { uri: place })),
      createEnvironment: async (uri, options = {}, token) =>
        acting(uri, async (place) => this.create(place, options, token)),
      getEnvironmentVariables: async (uri) =>
        whenTrusted(uri, async () => {
          const { command } = await this.how(uri, []);
          return { trusted: true, variables: changedVariables(command.env, process.env, process.platform) } as const;
        }),
      runAsTask: async (uri, args, options) => acting(uri, async () => this.runAsTask(uri, args, options)),
      runInBackground: async (uri, args, token) =>
        acting(uri, async () => this.runInBackground(uri, args, token)),
      onDidChangeInterpreter: this.changes.event,
    });
  }

  private async answer(place: string): Promise<Answer> {
    await this.shown;
    return this.interpreters.certain(place) ?? this.interpreters.resolve(place);
  }

  private async change<P extends object>(type: RequestType<P, Answer>, params: P): Promise<Interpreter> {
    const answer = await this.helper.request(type, params);
    this.interpreters.store([answer], "change");
    return published(answer, true);
  }

  private async create(
    uri: string,
    { extras, groups, name, python, workflow }: CreateOptions,
    token: vscode.CancellationToken | undefined,
  ): Promise<PythonEnvironment> {
    const given = Object.entries({ workflow, name, python, groups, extras }).filter(([, value]) => value !== undefined);
    const { root } = await this.interpreters.resolve(uri);
    const title = vscode.l10n.t("Creating an environment in {0}", basename(root));
    const params = { uri, ...Object.fromEntries(given) };
    const { environment } = await withProgress(this.helper, Create, params, title, token);
    await this.change(Select, { uri, selection: environment.prefix });
    const created = publishedEnvironment(environment);
    if (created === undefined) {
      throw new ApiError("broken", `${environment.prefix} was created but does not work: ${environment.status.message}`);
    }
    return created;
  }

  private get services(): Starting {
    return { helper: this.helper, interpreters: this.interpreters };
  }

  private async how(uri: vscode.Uri, args: readonly string[]): Promise<How> {
    try {
      return await howToStart(this.services, uri, args);
    } catch (error) {
      throw error instanceof NoEnvironment ? new ApiError("no_environment", asSentence(error.message)) : error;
    }
  }

  private async runAsTask(
    uri: vscode.Uri,
    args: readonly string[],
    { name = ["python", ...args.slice(0, 1)].join(" ") }: TaskOptions = {},
  ): Promise<vscode.TaskExecution> {
    const how = await this.how(uri, args);
    return vscode.tasks.executeTask(pythonTask(this.services, uri, how, { definition: { type: TASK_TYPE, args }, name }));
  }

  private async runInBackground(
    uri: vscode.Uri,
    args: readonly string[],
    token: vscode.CancellationToken | undefined,
  ): Promise<BackgroundRun> {
    const { command } = await this.how(uri, args);
    const { args: words, cwd, env, program } = plainProcess(command, process.env, process.platform, false);
    const stopping = new AbortController();
    const subscription = token?.onCancellationRequested(() => {
      stopping.abort();
    });
    const signal = AbortSignal.any([this.ending.signal, stopping.signal]);
    const options = { cwd, env: { ...process.env, ...env }, maxBuffer: MOST_OUTPUT, signal };
    try {
      return await new Promise((resolve, reject) => {
        if (token?.isCancellationRequested === true) {
          stopping.abort();
        }
        execFile(program, words, options, (error, stdout, stderr) => {
          const code = error?.code ?? (error === null ? 0 : undefined);
          if (typeof code === "string") {
            reject(runFailure(code, error));
          } else {
            resolve({ exitCode: code, stdout, stderr });
          }
        });
      });
    } finally {
      subscription?.dispose();
    }
  }

  private tell(answer: Answer): void {
    const interpreter = published(answer, vscode.workspace.isTrusted);
    const before = this.lastPublished.get(answer.uri) ?? { trusted: false };
    if (answer.provisional || isDeepStrictEqual(before, interpreter)) {
      return;
    }
    this.lastPublished.set(answer.uri, interpreter);
    this.changes.fire({ uri: vscode.Uri.parse(answer.uri, true), interpreter });
  }
}

/** Answer a query; in an untrusted workspace only with the fact that it is not trusted. */
async function whenTrusted<T>(uri: vscode.Uri, answer: (place: string) => Promise<T>): Promise<T | Untrusted> {
  return vscode.workspace.isTrusted ? onDisk(uri, answer) : { trusted: false };
}

/** Do something that changes state; rejects in an untrusted workspace. */
async function acting<T>(uri: vscode.Uri, act: (place: string) => Promise<T>): Promise<T> {
  if (!vscode.workspace.isTrusted) {
    throw new ApiError("untrusted", UNTRUSTED.message, UNTRUSTED.hint);
  }
  return onDisk(uri, act);
}

async function onDisk<T>(uri: vscode.Uri, answer: (place: string) => Promise<T>): Promise<T> {
  if (uri.scheme !== "file") {
    throw new ApiError("not_on_disk", `${uri.toString()} is not on this machine's disk.`);
  }
  try {
    return await answer(uri.toString());
  } catch (error) {
    throw publishedError(error);
  }
}

/** Return why a process did not end by itself. */
function runFailure(code: string, error: Error | null): ApiError {
  switch (code) {
    case "ABORT_ERR":
      return new ApiError("cancelled", "It was cancelled.");
    case "ERR_CHILD_PROCESS_STDIO_MAXBUFFER":
      return new ApiError("too_much_output", "It wrote more than 16 MiB.", "Have it write to a file.");
    default:
      return new ApiError("unavailable", asSentence(error?.message ?? code));
  }
}
