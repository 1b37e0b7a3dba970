// The public API of the Python extension: `environments`, with one selection a workspace folder.
//
// Last compared with the real one on December 1, 2026: version 2026.5, built and run in VS Code 1.139. As that does,
// - it prepares a folder when it starts, or with the first Python file that is opened there: the first time ever it forgets
//   what it was handed before, and goes to an environment that it finds by itself, which arrives like a person's selection;
// - it is awake before that, and tells with `ready` when it has prepared the folder that it starts with;
// - what nobody selected in it is its own find, or a bare `python`;
// - its status bar item shows what it has looked at: while it looks at what is selected, it goes on showing what it showed.
const { appendFileSync, existsSync } = require("node:fs");
const { homedir } = require("node:os");
const { dirname, join, relative } = require("node:path");
const { setTimeout: sleep } = require("node:timers/promises");
const vscode = require("vscode");

const PREPARING_MS = 300;
const LOOKING_MS = 300;
const note = (what, about) =>
  appendFileSync(join(homedir(), "calls.jsonl"), `${JSON.stringify({ who: "python", what, ...about })}\n`);

exports.activate = (context) => {
  note("activated");
  const selected = context.workspaceState;
  const prepared = new Set();
  const known = new Set();
  const changes = new vscode.EventEmitter();
  const folderOf = (resource) =>
    vscode.workspace.getWorkspaceFolder(resource?.uri ?? resource ?? vscode.workspace.workspaceFolders[0].uri);

  const active = (folder) => {
    const found = join(folder.uri.fsPath, "envs", "found", "bin", "python");
    return selected.get(folder.uri.fsPath) ?? (existsSync(found) ? found : "python");
  };
  const select = async (path, folder) => {
    const before = active(folder);
    await selected.update(folder.uri.fsPath, path);
    const now = active(folder);
    if (now !== before) {
      changes.fire({ id: now, path: now, resource: folder });
      show();
    }
  };
  // For a test to read: what the getter says of the active file.
  const status = vscode.window.createStatusBarItem("selected", vscode.StatusBarAlignment.Right);
  const show = () => {
    const shown = vscode.window.activeTextEditor?.document.uri;
    const folder = shown === undefined ? undefined : vscode.workspace.getWorkspaceFolder(shown);
    if (folder === undefined) {
      return;
    }
    const path = active(folder);
    if (!known.has(path)) {
      void look(path);
      return;
    }
    status.text = `Python: ${relative(join(homedir(), "src"), dirname(dirname(path)))}`;
    status.show();
  };
  const look = async (path) => {
    await sleep(known.has(path) ? 0 : LOOKING_MS);
    known.add(path);
  };
  const prepare = async (document) => {
    const folder = document?.languageId === "python" ? vscode.workspace.getWorkspaceFolder(document.uri) : undefined;
    const key = `prepared ${folder?.uri.fsPath}`;
    if (folder === undefined || prepared.has(key)) {
      return;
    }
    prepared.add(key);
    await sleep(PREPARING_MS);
    if (context.globalState.get(key) !== true) {
      await context.globalState.update(key, true);
      note("forgets", { folder: folder.uri.fsPath });
      await select(undefined, folder);
    }
  };
  // It lists what it finds, and looks at that first.
  for (const folder of vscode.workspace.workspaceFolders) {
    known.add(active(folder));
  }
  const ready = prepare(vscode.window.activeTextEditor?.document);
  show();

  context.subscriptions.push(
    changes,
    status,
    vscode.window.onDidChangeActiveTextEditor(show),
    vscode.workspace.onDidOpenTextDocument((document) => void prepare(document)),
    // As a person does in the extension's own picker, for the folder of the active file.
    vscode.commands.registerCommand("standInPython.select", async () => {
      const path = await vscode.window.showInputBox({ title: "Interpreter" });
      const folder = folderOf(vscode.window.activeTextEditor?.document.uri);
      note("person", { folder: folder.uri.fsPath, path });
      known.add(path);
      await select(path, folder);
    }),
  );

  return {
    ready,
    environments: {
      getActiveEnvironmentPath: (resource) => {
        const path = active(folderOf(resource));
        return { id: path === "python" ? "DEFAULT_PYTHON" : path, path };
      },
      updateActiveEnvironmentPath: async (environment, resource) => {
        const path = typeof environment === "string" ? environment : environment.path;
        const folder = folderOf(resource);
        note("update", { folder: folder.uri.fsPath, path });
        if (process.env.STAND_IN_THROWS === "python") {
          throw new Error("the stand-in throws");
        }
        if (process.env.STAND_IN_HANGS === "python") {
          await new Promise(() => undefined);
        }
        await select(path, folder);
      },
      resolveEnvironment: look,
      onDidChangeActiveEnvironmentPath: changes.event,
    },
  };
};
