/** An extension that invokes tools of language models, as an agent does, and writes down what it is told. */
import { appendFileSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import * as vscode from "vscode";

/** What the agent is to do: `~/calls.json` has a list of these. */
export interface Call {
  readonly tool: string;
  readonly input: object;
  /** Cancel it after this many milliseconds. */
  readonly cancelAfter?: number;
}

/** What came of a call: a line of `~/results.jsonl`. */
export interface Result {
  readonly tool: string;
  readonly texts?: readonly string[];
  readonly error?: string;
}

/** Registers the command that does what the file says. */
export function activate(context: vscode.ExtensionContext): void {
  context.subscriptions.push(
    vscode.commands.registerCommand("agent.use", async () => {
      for (const call of JSON.parse(readFileSync(join(homedir(), "calls.json"), "utf8")) as Call[]) {
        const result: Result = { tool: call.tool, ...(await use(call)) };
        appendFileSync(join(homedir(), "results.jsonl"), `${JSON.stringify(result)}\n`);
      }
    }),
  );
}

async function use({ cancelAfter, input, tool }: Call): Promise<Omit<Result, "tool">> {
  const source = new vscode.CancellationTokenSource();
  if (cancelAfter !== undefined) {
    setTimeout(() => {
      source.cancel();
    }, cancelAfter);
  }
  try {
    const { content } = await vscode.lm.invokeTool(tool, { toolInvocationToken: undefined, input }, source.token);
    return { texts: content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : "")) };
  } catch (error) {
    return { error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}
