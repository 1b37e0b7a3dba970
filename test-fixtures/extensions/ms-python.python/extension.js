// The public API of the Python extension: `environments`, with one selection a workspace folder.
const { appendFileSync } = require("node:fs");
const { homedir } = require("node:os");
const { join } = require("node:path");
const vscode = require("vscode");

const note = (what, about) =>
  appendFileSync(join(homedir(), "calls.jsonl"), `${JSON.stringify({ who: "python", what, ...about })}\n`);

exports.activate = (context) => {
  note("activated");
  const selected = new Map();
  const changes = new vscode.EventEmitter();
  const folderOf = (resource) =>
    vscode.workspace.getWorkspaceFolder(resource?.uri ?? resource ?? vscode.workspace.workspaceFolders[0].uri);

  const select = (path, folder) => {
    if (selected.get(folder.uri.fsPath) !== path) {
      selected.set(folder.uri.fsPath, path);
      changes.fire({ id: path, path, resource: folder });
    }
  };

  context.subscriptions.push(
    changes,
    // As a person does in the extension's own picker, for the folder of the active file.
    vscode.commands.registerCommand("standInPython.select", async () => {
      const path = await vscode.window.showInputBox({ title: "Interpreter" });
      const folder = folderOf(vscode.window.activeTextEditor?.document.uri);
      note("person", { folder: folder.uri.fsPath, path });
      select(path, folder);
    }),
  );

  return {
    ready: Promise.resolve(),
    environments: {
      getActiveEnvironmentPath: (resource) => {
        const path = selected.get(folderOf(resource).uri.fsPath) ?? "python";
        return { id: path === "python" ? "DEFAULT_PYTHON" : path, path };
      },
      updateActiveEnvironmentPath: (environment, resource) => {
        const path = typeof environment === "string" ? environment : environment.path;
        const folder = folderOf(resource);
        note("update", { folder: folder.uri.fsPath, path });
        if (process.env.STAND_IN_THROWS === "python") {
          throw new Error("the stand-in throws");
        }
        if (process.env.STAND_IN_HANGS === "python") {
          return new Promise(() => undefined);
        }
        return Promise.resolve().then(() => select(path, folder));
      },
      onDidChangeActiveEnvironmentPath: changes.event,
    },
  };
};
