/** "Run Python File" and "Run Python File in Terminal": a file in its own environment. */
import { basename } from "node:path";

import * as vscode from "vscode";

import { shellLine } from "../core/quoting.ts";
import { changedVariables, contestedShell } from "../core/processes.ts";
import { pythonFiles } from "./files.ts";
import type { Services } from "./services.ts";
import { isTrustedTo } from "./restricted.ts";
import { type How, isContested, pythonFor } from "./starting.ts";
import { fileTask } from "./tasks.ts";

/** How long to wait for a terminal's shell integration. */
const INTEGRATION_MS = 3_000;

/** Register both commands. */
export function registerRunning(services: Services): vscode.Disposable {
  const terminals = new RunTerminals(services);
  return vscode.Disposable.from(
    terminals,
    pythonFiles(services.commands, "runFile", async (file) => runFile(services, file)),
    pythonFiles(services.commands, "runInTerminal", async (file) => {
      const how = (await isTrustedTo("run")) ? await howToRun(services, file) : undefined;
      if (how?.environment.kind === "remote") {
        // A shell of this machine would be in the way there.
        await runFile(services, file);
      } else if (how !== undefined) {
        await terminals.run(how, file);
      }
    }),
  );
}

/** Run a file as a task: its output stays, and it can be run again and ended. */
async function runFile(services: Services, file: vscode.Uri): Promise<void> {
  const task = (await isTrustedTo("run")) ? await fileTask(services, file, []) : undefined;
  if (task !== undefined) {
    await vscode.tasks.executeTask(task);
  }
}

async function howToRun(services: Services, file: vscode.Uri): Promise<How | undefined> {
  const again = async (): Promise<unknown> => vscode.commands.executeCommand("pythonWorkflow.runInTerminal", file);
  return pythonFor(services, file, [file.fsPath], again, { there: "python" });
}

/** Terminals with a shell in an environment, where files are run one after the other. */
class RunTerminals implements vscode.Disposable {
  private readonly services: Services;
  private readonly idle = new Map<vscode.Terminal, string>();
  private readonly busy = new Map<vscode.TerminalShellExecution, string>();
  private readonly subscriptions: vscode.Disposable;

  constructor(services: Services) {
    this.services = services;
    this.subscriptions = vscode.Disposable.from(
      vscode.window.onDidCloseTerminal((terminal) => {
        this.idle.delete(terminal);
      }),
      vscode.window.onDidEndTerminalShellExecution(({ execution, terminal }) => {
        const key = this.busy.get(execution);
        this.busy.delete(execution);
        if (key !== undefined) {
          this.idle.set(terminal, key);
        }
      }),
    );
  }

  /** Run a command in the environment's terminal if the last command there has ended, else in a new one. */
  async run(how: How, file: vscode.Uri): Promise<void> {
    const key = JSON.stringify([how.root, how.environment.prefix]);
    const known = [...this.idle].find(([terminal, its]) => its === key && terminal.exitStatus === undefined);
    const contested = isContested(this.services, file, how.environment.prefix);
    const terminal = known?.[0] ?? this.open(how, contested);
    this.idle.delete(terminal);
    terminal.show(true);
    // Without a hold of the shell nobody knows when it is idle again: the next file gets another terminal.
    const integration = contested ? undefined : await integrationOf(terminal);
    const shell = terminal.state.shell ?? basename(vscode.env.shell);
    const line = shellLine(how.command.argv, shell, process.platform);
    if (integration === undefined) {
      terminal.sendText(line);
    } else {
      this.busy.set(integration.executeCommand(line), key);
    }
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  private open(how: How, contested: boolean): vscode.Terminal {
    const name = `${basename(how.root)} (${how.environment.name})`;
    return shellTerminal(how, contested, { name, iconPath: new vscode.ThemeIcon("play") });
  }
}

/**
 * Open a terminal with a shell in an environment.
 *
 * @param contested whether VS Code's variables for terminals there are those of another environment
 */
export function shellTerminal(
  { command }: How,
  contested: boolean,
  looks: Pick<vscode.TerminalOptions, "name" | "iconPath">,
): vscode.Terminal {
  const { cwd } = command;
  if (!contested) {
    return vscode.window.createTerminal({
      ...looks,
      cwd,
      env: changedVariables(command.env, process.env, process.platform),
    });
  }
  const { args, env, program } = contestedShell(command, vscode.env.shell, process.env, process.platform);
  return vscode.window.createTerminal({ ...looks, cwd, env, shellPath: program, shellArgs: [...args] });
}

/** Return the shell integration of a terminal; undefined where there is none, as for shells that VS Code does not support. */
async function integrationOf(terminal: vscode.Terminal): Promise<vscode.TerminalShellIntegration | undefined> {
  if (terminal.shellIntegration !== undefined) {
    return terminal.shellIntegration;
  }
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      subscription.dispose();
      resolve(terminal.shellIntegration);
    };
    const timer = setTimeout(done, INTEGRATION_MS);
    const subscription = vscode.window.onDidChangeTerminalShellIntegration((event) => {
      if (event.terminal === terminal) {
        done();
      }
    });
  });
}
