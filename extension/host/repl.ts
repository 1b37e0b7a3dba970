/** "Start Python REPL" and "Run Selection or Line in Python REPL": Python's own, in the environment of a file or folder. */
import * as vscode from "vscode";

import { replInput, touchedLines } from "../core/repl.ts";
import { plainProcess } from "../core/processes.ts";
import type { Services } from "./services.ts";
import { activePlace } from "./places.ts";
import { isTrustedTo } from "./restricted.ts";
import { type How, isContested, pythonFor } from "./starting.ts";

/** How long to wait until Python reads its input: text that is typed earlier is shown twice. */
const STARTING_MS = 1_000;

/** Register both commands. */
export function registerRepl(services: Services): vscode.Disposable {
  const repls = new Repls(services);
  // Whoever has Microsoft's extension has its key for the same.
  const hasKey = vscode.extensions.getExtension("ms-python.python") === undefined;
  void vscode.commands.executeCommand("setContext", "pythonWorkflow.ownsReplKey", hasKey);
  return vscode.Disposable.from(
    repls,
    services.commands.about("startRepl", async (place) => {
      (await repls.at(place))?.show();
    }),
    services.commands.plain("runSelection", async () => {
      const editor = vscode.window.activeTextEditor;
      if (editor?.document.languageId === "python") {
        await runSelection(repls, editor);
      } else {
        await vscode.window.showInformationMessage(vscode.l10n.t("Open a Python file first."));
      }
    }),
  );
}

async function runSelection(repls: Repls, editor: vscode.TextEditor): Promise<void> {
  const { document, selection } = editor;
  const [first, last] = touchedLines(selection.start.line, selection.end.line, selection.end.character);
  const lines: string[] = [];
  for (let number = first; number <= last; number += 1) {
    lines.push(document.lineAt(number).text);
  }
  const place = document.uri.scheme === "file" ? document.uri : activePlace();
  const repl = place === undefined ? undefined : await repls.at(place);
  if (repl === undefined) {
    return;
  }
  repl.show(true);
  repl.type(lines);
  if (selection.isEmpty) {
    const next = new vscode.Position(Math.min(last + 1, document.lineCount - 1), 0);
    editor.selection = new vscode.Selection(next, next);
    editor.revealRange(editor.selection);
  }
}

/** The REPLs, one per environment, for as long as their terminals are open. */
class Repls implements vscode.Disposable {
  private readonly services: Services;
  private readonly open = new Map<string, Promise<Repl>>();
  private readonly subscription: vscode.Disposable;

  constructor(services: Services) {
    this.services = services;
    this.subscription = vscode.window.onDidCloseTerminal((closed) => {
      for (const [key, repl] of this.open) {
        void repl.then(({ terminal }) => terminal === closed && this.open.delete(key));
      }
    });
  }

  /** Return the REPL of a place, started if need be; undefined after a message why there can be none. */
  async at(place: vscode.Uri): Promise<Repl | undefined> {
    const how = (await isTrustedTo("run")) ? await pythonFor(this.services, place, [], undefined, { there: "python" }) : undefined;
    if (how === undefined) {
      return undefined;
    }
    const key = JSON.stringify([how.root, how.environment.prefix, how.python]);
    const repl = this.open.get(key) ?? this.start(place, how);
    this.open.set(key, repl);
    return repl;
  }

  dispose(): void {
    this.subscription.dispose();
  }

  private async start(place: vscode.Uri, { command, environment }: How): Promise<Repl> {
    const contested = isContested(this.services, place, environment.prefix);
    const { args, cwd, env, program } = plainProcess(command, process.env, process.platform, contested);
    const terminal = vscode.window.createTerminal({
      name: `Python (${environment.name})`,
      iconPath: new vscode.ThemeIcon("python"),
      cwd,
      env,
      shellPath: program,
      shellArgs: [...args],
    });
    await terminal.processId;
    await new Promise((resolve) => setTimeout(resolve, STARTING_MS));
    return new Repl(terminal, environment.python_version);
  }
}

class Repl {
  readonly terminal: vscode.Terminal;
  private readonly version: string | null;

  constructor(terminal: vscode.Terminal, version: string | null) {
    this.terminal = terminal;
    this.version = version;
  }

  show(preserveFocus = false): void {
    this.terminal.show(preserveFocus);
  }

  type(lines: readonly string[]): void {
    this.terminal.sendText(replInput(lines, this.version), false);
  }
}
