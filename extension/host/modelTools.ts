/** The language model tools that agents can use in VS Code. */
import { homedir } from "node:os";

import * as vscode from "vscode";

import { Create, Install, Sync } from "../acts.ts";
import { Cancelled } from "../core/client.ts";
import {
  announcement,
  changesText,
  createdText,
  environmentsText,
  explanationText,
  interpreterText,
  MODEL_TOOLS,
  type ModelTool,
  placeOf,
  readInput,
  Refusal,
  type ToolInput,
} from "../core/modelTools.ts";
import { shortenHome } from "../core/paths.ts";
import {
  published,
  publishedEnvironment,
  publishedError,
  publishedExplanation,
  publishedList,
} from "../core/publish.ts";
import { NOT_TRUSTED } from "../core/restricted.ts";
import { Environments, Explain } from "../protocol.ts";
import type { Services } from "./services.ts";
import { remember } from "./picker.ts";
import { workspaceFolders } from "./places.ts";
import { withProgress } from "./progress.ts";

/** The result of a tool: text for the model, and values. */
type Told = readonly [text: string, value: unknown];

/** Register the tools, where VS Code supports them. */
export function registerModelTools(services: Services): vscode.Disposable {
  const { lm } = vscode as { readonly lm?: Partial<typeof vscode.lm> };
  const register = lm?.registerTool;
  return register === undefined
    ? vscode.Disposable.from()
    : vscode.Disposable.from(
        ...MODEL_TOOLS.map((tool) => register(`pythonWorkflow_${tool}`, new HelperTool(tool, services))),
      );
}

class HelperTool implements vscode.LanguageModelTool<unknown> {
  private readonly tool: ModelTool;
  private readonly services: Services;

  constructor(tool: ModelTool, services: Services) {
    this.tool = tool;
    this.services = services;
  }

  prepareInvocation({
    input,
  }: vscode.LanguageModelToolInvocationPrepareOptions<unknown>): vscode.PreparedToolInvocation {
    try {
      const request = readInput(input);
      const place = placeOf(request.path, folders(), process.platform);
      const answer = this.services.interpreters.get(vscode.Uri.file(place).toString());
      const shown = shortenHome(process.platform, homedir(), place);
      const { doing, question } = announcement(this.tool, request, shown, answer?.environment?.name);
      return {
        invocationMessage: new vscode.MarkdownString(doing),
        // Nothing is done in a workspace that is not trusted: there is nothing to agree to.
        ...(question === undefined || !vscode.workspace.isTrusted
          ? {}
          : {
              confirmationMessages: { title: question.title, message: new vscode.MarkdownString(question.message) },
            }),
      };
    } catch (error) {
      if (error instanceof Refusal) {
        // The reason is returned when the tool is invoked.
        return { invocationMessage: error.message };
      }
      throw error;
    }
  }

  async invoke(
    { input }: vscode.LanguageModelToolInvocationOptions<unknown>,
    token: vscode.CancellationToken,
  ): Promise<vscode.LanguageModelToolResult> {
    const { log } = this.services;
    if (!vscode.workspace.isTrusted) {
      throw new Refusal(NOT_TRUSTED);
    }
    const request = readInput(input);
    const uri = vscode.Uri.file(placeOf(request.path, folders(), process.platform)).toString();
    log.info(`A language model uses ${this.tool} about ${uri}`);
    try {
      const [text, value] = await unlessCancelled(token, async () => this.use(uri, request, token));
      return new vscode.LanguageModelToolResult([
        new vscode.LanguageModelTextPart(text),
        new vscode.LanguageModelTextPart(JSON.stringify(value)),
      ]);
    } catch (error) {
      if (error instanceof Cancelled || error instanceof vscode.CancellationError) {
        throw new vscode.CancellationError();
      }
      log.warn(`${this.tool}: ${String(error)}`);
      const { hint, message } = publishedError(error);
      throw new Error(hint === undefined ? message : `${message} ${hint}`, { cause: error });
    }
  }

  private async use(uri: string, request: ToolInput, token: vscode.CancellationToken): Promise<Told> {
    const { helper, interpreters } = this.services;
    switch (this.tool) {
      case "getInterpreter": {
        const answer = await interpreters.resolve(uri);
        return [interpreterText(answer), published(answer, true)];
      }
      case "listEnvironments": {
        const { pythons } = request;
        const list = publishedList(await helper.request(Environments, { uri, pythons }));
        return [environmentsText(list), list];
      }
      case "explainInterpreter": {
        const answer = await interpreters.resolve(uri);
        const explained = publishedExplanation(await helper.request(Explain, { uri }), answer);
        return [explanationText(explained), explained];
      }
      case "createEnvironment":
        return this.create(uri, request, token);
      case "syncEnvironment": {
        const done = await withProgress(helper, Sync, { uri }, this.title(request, uri), token);
        await interpreters.refresh();
        return [changesText(done), done];
      }
      case "installPackages": {
        const { packages } = request;
        if (packages.length === 0) {
          throw new Refusal('"packages" names nothing to install.');
        }
        const done = await withProgress(helper, Install, { uri, packages }, this.title(request, uri), token);
        await interpreters.refresh();
        return [changesText(done), done];
      }
    }
  }

  private async create(uri: string, request: ToolInput, token: vscode.CancellationToken): Promise<Told> {
    const { helper, interpreters } = this.services;
    const { extras, groups, name, python, workflow } = request;
    const params = {
      uri,
      groups,
      extras,
      ...(workflow === undefined ? {} : { workflow }),
      ...(name === undefined ? {} : { name }),
      ...(python === undefined ? {} : { python }),
    };
    const { environment } = await withProgress(helper, Create, params, this.title(request, uri), token);
    await remember(helper, interpreters, uri, environment.prefix);
    const created = publishedEnvironment(environment);
    if (created === undefined) {
      throw new Error(`${environment.prefix} was created but does not work: ${environment.status.message}`);
    }
    return [createdText(created), created];
  }

  /** Return the progress message, which has no Markdown. */
  private title(request: ToolInput, uri: string): string {
    const answer = this.services.interpreters.get(uri);
    const place = shortenHome(process.platform, homedir(), vscode.Uri.parse(uri, true).fsPath);
    return announcement(this.tool, request, place, answer?.environment?.name, (text) => text).doing;
  }
}

function folders(): readonly string[] {
  return workspaceFolders().map(({ path }) => path);
}

/** Reject as soon as the token is cancelled; a request to the helper goes on in the background. */
async function unlessCancelled<T>(token: vscode.CancellationToken, work: () => Promise<T>): Promise<T> {
  if (token.isCancellationRequested) {
    throw new vscode.CancellationError();
  }
  let listening: vscode.Disposable | undefined;
  const cancelled = new Promise<never>((_, reject) => {
    listening = token.onCancellationRequested(() => {
      reject(new vscode.CancellationError());
    });
  });
  try {
    return await Promise.race([work(), cancelled]);
  } finally {
    listening?.dispose();
  }
}
