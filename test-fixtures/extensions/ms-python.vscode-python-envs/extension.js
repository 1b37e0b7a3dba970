// The public API of the Python Environments extension: managers, and which environment each folder has. As that does, it
// makes a first choice of its own, here some time after a manager was registered, over whatever was selected meanwhile; and
// it writes a setting when an environment is selected whose manager names a package manager that it knows.
const { appendFileSync } = require("node:fs");
const { homedir } = require("node:os");
const { basename, dirname, join } = require("node:path");
const vscode = require("vscode");

const FIRST_CHOICE_MS = 1_000;
const note = (what, about) =>
  appendFileSync(join(homedir(), "calls.jsonl"), `${JSON.stringify({ who: "environments", what, ...about })}\n`);

exports.activate = (context) => {
  note("activated");
  const managers = new Map();
  const selected = new Map();
  const changes = new vscode.EventEmitter();
  const folderOf = (scope) => vscode.workspace.getWorkspaceFolder(scope);

  const makeItem = (info, managerId) => ({
    ...info,
    envId: { managerId, id: `${info.name}-${Math.random().toString(36).slice(2)}` },
  });

  // Its own manager, of whatever path it is told.
  const own = "ms-python.python:venv";
  const ownItems = new Map();
  const ownItem = (path) => {
    if (!ownItems.has(path)) {
      const name = basename(dirname(dirname(path)));
      const environmentPath = vscode.Uri.file(path);
      const info = { name, displayName: name, displayPath: path, version: "3.13.0", environmentPath };
      ownItems.set(path, makeItem({ ...info, execInfo: { run: { executable: path } }, sysPrefix: dirname(path) }, own));
    }
    return ownItems.get(path);
  };
  managers.set(own, {
    preferredPackageManagerId: "ms-python.python:pip",
    set: async () => undefined,
    get: async (scope) => selected.get(folderOf(scope).uri.fsPath),
    getEnvironments: async () => [...ownItems.values()],
  });

  const setEnvironment = async (scope, environment, persist = true) => {
    const folder = folderOf(scope);
    const manager = managers.get(environment.envId.managerId);
    await manager.set(scope, environment);
    if (persist && manager.preferredPackageManagerId === "ms-python.python:pip") {
      await vscode.workspace
        .getConfiguration("python-envs", folder.uri)
        .update("defaultEnvManager", environment.envId.managerId, vscode.ConfigurationTarget.Workspace);
    }
    const old = selected.get(folder.uri.fsPath);
    if (old?.envId.id !== environment.envId.id) {
      selected.set(folder.uri.fsPath, environment);
      setImmediate(() => changes.fire({ uri: folder.uri, old, new: environment }));
    }
  };

  const makeFirstChoice = () => {
    for (const folder of vscode.workspace.workspaceFolders) {
      note("first choice", { folder: folder.uri.fsPath });
      void setEnvironment(folder.uri, ownItem("/usr/bin/python3"), false);
    }
  };

  const choose = async (environment) => {
    const folder = folderOf(vscode.window.activeTextEditor?.document.uri ?? vscode.workspace.workspaceFolders[0].uri);
    note("person", { folder: folder.uri.fsPath, name: environment.name });
    // Of its own it writes no setting here, so that what others cause can be told apart.
    await setEnvironment(folder.uri, environment, environment.envId.managerId !== own);
  };

  context.subscriptions.push(
    changes,
    vscode.commands.registerCommand("standInEnvironments.select", async () =>
      choose(ownItem(await vscode.window.showInputBox({ title: "Interpreter" }))),
    ),
    // What all managers have, to pick from.
    vscode.commands.registerCommand("standInEnvironments.pick", async () => {
      const listed = await Promise.all([...managers.values()].map(async (manager) => manager.getEnvironments("all")));
      const items = listed.flat().map((item) => ({ label: `${item.envId.managerId} ${item.displayName}`, item }));
      const picked = await vscode.window.showQuickPick(items);
      await choose(picked.item);
    }),
  );

  return {
    registerEnvironmentManager: (manager) => {
      const id = `python-workflow.python-workflow:${manager.name}`;
      note("register", { id, packages: manager.preferredPackageManagerId });
      managers.set(id, manager);
      setTimeout(makeFirstChoice, FIRST_CHOICE_MS);
      // A manager's own change counts for the folders that have an environment of it.
      const heard = manager.onDidChangeEnvironment(({ uri, new: environment }) => {
        const folder = folderOf(uri);
        const old = selected.get(folder?.uri.fsPath);
        if (old?.envId.managerId === id && old.envId.id !== environment?.envId.id) {
          note("heard", { folder: folder.uri.fsPath, path: environment?.execInfo.run.executable });
          selected.set(folder.uri.fsPath, environment);
          setImmediate(() => changes.fire({ uri: folder.uri, old, new: environment }));
        }
      });
      return new vscode.Disposable(() => {
        heard.dispose();
        managers.delete(id);
      });
    },
    createPythonEnvironmentItem: (info, manager) => {
      const found = [...managers].find(([, known]) => known === manager);
      if (found === undefined) {
        throw new Error("Environment manager not found");
      }
      return makeItem(info, found[0]);
    },
    setEnvironment: async (scope, environment) => {
      note("set", { folder: scope.fsPath, path: environment.execInfo.run.executable, activation: environment.execInfo.activation });
      if (process.env.STAND_IN_THROWS === "environments") {
        throw new Error("the stand-in throws");
      }
      if (process.env.STAND_IN_HANGS === "environments") {
        return new Promise(() => undefined);
      }
      return setEnvironment(scope, environment);
    },
    getEnvironment: async (scope) => {
      const current = selected.get(folderOf(scope).uri.fsPath);
      return current === undefined ? undefined : managers.get(current.envId.managerId)?.get(scope);
    },
    onDidChangeEnvironment: changes.event,
  };
};
