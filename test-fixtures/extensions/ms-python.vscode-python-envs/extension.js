// The public API of the Python Environments extension: managers, and which environment each folder has.
//
// Last compared with the real one on December 1, 2026: version 1.37.0, built and run in VS Code 1.139. As that does,
// - its getter asks the manager that its settings name (`ms-python.python:venv` where they name none), and comes to the
//   manager of the last selection only where no such manager is there; its event says what was set all the same;
// - each manager keeps what it is given for a project, whatever made the item, and the path of it across windows;
// - a selection writes settings where the item has a package manager that is there and they say otherwise: in a workspace
//   of several folders always. A person's pick writes them in any case;
// - it looks for environments as it starts, and then each project has what its manager had kept when that began, else a
//   Python of the machine: what was selected meanwhile is laid aside. Its getter waits a second for that, where nothing was
//   kept, and then answers with what its event said last;
// - once all projects have one, it tells of what holds outside of them.
const { appendFileSync } = require("node:fs");
const { homedir } = require("node:os");
const { basename, dirname, join, relative, resolve } = require("node:path");
const { setTimeout: sleep } = require("node:timers/promises");
const vscode = require("vscode");

const LOOKING_MS = 1_500;
const GETTER_MS = 1_000;
const VENV = "ms-python.python:venv";
const PIP = "ms-python.python:pip";
const note = (what, about) =>
  appendFileSync(join(homedir(), "calls.jsonl"), `${JSON.stringify({ who: "environments", what, ...about })}\n`);

/** Their manager: of whatever path it is told. */
class Venv {
  preferredPackageManagerId = PIP;
  onDidChangeEnvironment = new vscode.EventEmitter().event;
  items = new Map();

  constructor(memory, projectOf) {
    this.memory = memory;
    this.projectOf = projectOf;
    this.selected = new Map();
  }

  item(path) {
    if (!this.items.has(path)) {
      const name = basename(dirname(dirname(path)));
      const environmentPath = vscode.Uri.file(path);
      const info = { name, displayName: name, displayPath: path, version: "3.13.0", environmentPath };
      this.items.set(path, makeItem({ ...info, execInfo: { run: { executable: path } }, sysPrefix: dirname(path) }, VENV));
    }
    return this.items.get(path);
  }

  async set(scope, item) {
    for (const { uri } of [scope].flat().map(this.projectOf)) {
      this.selected.set(uri.fsPath, item);
      await this.memory.update(uri.fsPath, item.environmentPath.fsPath);
    }
  }

  async get(scope) {
    const { uri } = this.projectOf(scope);
    const kept = this.memory.get(uri.fsPath);
    return this.selected.get(uri.fsPath) ?? (kept === undefined ? undefined : this.item(kept));
  }

  async getEnvironments() {
    return [...this.items.values()];
  }
}

const makeItem = (info, managerId) => ({
  ...info,
  envId: { managerId, id: `${info.name}-${Math.random().toString(36).slice(2)}` },
});

exports.activate = (context) => {
  note("activated");
  const managers = new Map();
  const packageManagers = new Map([[PIP, undefined]]);
  const active = new Map();
  const changes = new vscode.EventEmitter();
  const projectChanges = new vscode.EventEmitter();

  const settingsOf = (uri) => vscode.workspace.getConfiguration("python-envs", uri);
  const projects = () =>
    vscode.workspace.workspaceFolders.flatMap(({ uri }) => [
      { uri },
      ...settingsOf(uri)
        .get("pythonProjects", [])
        .map(({ path }) => ({ uri: vscode.Uri.file(resolve(uri.fsPath, path)) }))
        .filter((project) => project.uri.fsPath !== uri.fsPath),
    ]);
  const projectOf = (scope) =>
    projects()
      .filter(({ uri }) => !relative(uri.fsPath, scope.fsPath).startsWith(".."))
      .sort((left, right) => right.uri.fsPath.length - left.uri.fsPath.length)[0];
  const entryOf = (project) => {
    const folder = vscode.workspace.getWorkspaceFolder(project.uri).uri.fsPath;
    return settingsOf(project.uri)
      .get("pythonProjects", [])
      .find(({ path }) => resolve(folder, path) === project.uri.fsPath);
  };
  const managerOf = (scope) => {
    const project = projectOf(scope);
    const named = entryOf(project)?.envManager ?? settingsOf(project.uri).get("defaultEnvManager");
    return managers.get(named) ?? managers.get(active.get(project.uri.fsPath)?.envId.managerId);
  };

  const venv = new Venv(context.workspaceState, projectOf);
  managers.set(VENV, venv);

  const save = async (project, envManager, packageManager) => {
    const settings = settingsOf(project.uri);
    if (vscode.workspace.workspaceFile !== undefined) {
      const path = relative(vscode.workspace.getWorkspaceFolder(project.uri).uri.fsPath, project.uri.fsPath) || ".";
      const others = settings.get("pythonProjects", []).filter((entry) => entry.path !== path);
      const target = vscode.ConfigurationTarget.WorkspaceFolder;
      await settings.update("pythonProjects", [...others, { path, envManager, packageManager }], target);
      return;
    }
    for (const [key, value] of Object.entries({ defaultEnvManager: envManager, defaultPackageManager: packageManager })) {
      if (settings.get(key) !== value) {
        await settings.update(key, value, vscode.ConfigurationTarget.Workspace);
      }
    }
  };
  const announce = (project, environment) => {
    const old = active.get(project.uri.fsPath);
    if (old?.envId.managerId !== environment?.envId.managerId || old?.envId.id !== environment?.envId.id) {
      active.set(project.uri.fsPath, environment);
      setImmediate(() => changes.fire({ uri: project.uri, old, new: environment }));
    }
  };
  const packagesOf = (environment) =>
    "pkgId" in environment ? undefined : managers.get(environment.envId.managerId)?.preferredPackageManagerId;

  const setEnvironment = async (scope, environment) => {
    const manager = managers.get(environment.envId.managerId);
    if (manager === undefined) {
      return;
    }
    const project = projectOf(scope);
    await manager.set(scope, environment);
    const packages = packagesOf(environment);
    if (packageManagers.has(packages)) {
      await save(project, environment.envId.managerId, packages);
    }
    announce(project, environment);
  };

  const kept = new Map();
  let started = Promise.resolve();
  const start = async () => {
    for (const { uri } of projects()) {
      kept.set(uri.fsPath, context.workspaceState.get(uri.fsPath));
    }
    await sleep(LOOKING_MS);
    for (const { uri } of projects()) {
      const path = kept.get(uri.fsPath) ?? "/usr/bin/python3";
      note("first choice", { folder: uri.fsPath, path });
      venv.selected.set(uri.fsPath, venv.item(path));
      announce(projectOf(uri), venv.item(path));
    }
    setImmediate(() => changes.fire({ uri: undefined, old: undefined, new: venv.item("/usr/bin/python3") }));
  };

  const getEnvironment = async (scope) => {
    const { fsPath } = projectOf(scope).uri;
    if (kept.get(fsPath) === undefined && (await Promise.race([started, sleep(GETTER_MS, "late")])) === "late") {
      return active.get(fsPath);
    }
    return managerOf(scope)?.get(scope);
  };

  const choose = async (environment) => {
    const shown = vscode.window.activeTextEditor?.document.uri ?? vscode.workspace.workspaceFolders[0].uri;
    const project = projectOf(shown);
    note("person", { folder: project.uri.fsPath, name: environment.name });
    const manager = managers.get(environment.envId.managerId);
    await manager.set([project.uri], environment);
    await save(project, environment.envId.managerId, manager.preferredPackageManagerId);
    announce(project, environment);
  };

  const pick = async () => {
    const listed = await Promise.all([...managers.values()].map(async (manager) => manager.getEnvironments("all")));
    const items = listed.flat().map((item) => ({ label: `${item.envId.managerId} ${item.displayName}`, item }));
    return (await vscode.window.showQuickPick(items)).item;
  };

  // For a test to read: what the getter says, and what the last event said, of the active file.
  const short = (item) =>
    item === undefined ? "none" : relative(join(homedir(), "src"), dirname(dirname(item.environmentPath.fsPath)));
  const status = vscode.window.createStatusBarItem("selected", vscode.StatusBarAlignment.Right);
  const show = async () => {
    const shown = vscode.window.activeTextEditor?.document.uri;
    if (shown !== undefined && vscode.workspace.getWorkspaceFolder(shown) !== undefined) {
      const got = await managerOf(shown)?.get(shown);
      const told = active.get(projectOf(shown).uri.fsPath);
      status.text = `Environments: ${short(got)} and ${short(told)}`;
      status.show();
    }
  };

  context.subscriptions.push(
    changes,
    projectChanges,
    status,
    changes.event(() => void show()),
    vscode.window.onDidChangeActiveTextEditor(() => void show()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("python-envs")) {
        projectChanges.fire({ added: [], removed: [] });
        void show();
      }
    }),
    vscode.commands.registerCommand("standInEnvironments.select", async () =>
      choose(venv.item(await vscode.window.showInputBox({ title: "Interpreter" }))),
    ),
    // What all managers have, to pick from.
    vscode.commands.registerCommand("standInEnvironments.pick", async () => choose(await pick())),
    // What their view does with a row, by the manager that it is of.
    vscode.commands.registerCommand("standInEnvironments.remove", async () => {
      const item = await pick();
      await managers.get(item.envId.managerId).remove(item);
    }),
    vscode.commands.registerCommand("standInEnvironments.packages", async () => {
      const item = await pick();
      const packages = packageManagers.get(managers.get(item.envId.managerId).preferredPackageManagerId);
      await packages.refresh(item);
      await vscode.window.showQuickPick((await packages.getPackages(item)).map(({ name, version }) => `${name} ${version}`));
    }),
    vscode.commands.registerCommand("standInEnvironments.quickCreate", async () => {
      const able = [...managers.values()].filter((manager) => manager.quickCreateConfig !== undefined);
      const items = able.map((manager) => ({ label: manager.quickCreateConfig().description, manager }));
      const { manager } = await vscode.window.showQuickPick(items);
      await manager.create(vscode.workspace.workspaceFolders[0].uri, { quickCreate: true });
    }),
  );

  return {
    registerEnvironmentManager: (manager) => {
      const id = `python-workflow.python-workflow:${manager.name}`;
      note("register", { id, packages: manager.preferredPackageManagerId });
      managers.set(id, manager);
      started = start();
      // A manager's own change counts where that manager is asked.
      const list = manager.onDidChangeEnvironments((changed) => {
        for (const { environment, kind } of changed) {
          note("listed", { kind, path: environment.environmentPath.fsPath });
        }
      });
      const heard = manager.onDidChangeEnvironment(({ uri }) => {
        setImmediate(async () => {
          if (managerOf(uri) === manager) {
            const now = await manager.get(uri);
            note("heard", { folder: projectOf(uri).uri.fsPath, path: now?.execInfo.run.executable });
            announce(projectOf(uri), now);
          }
        });
      });
      return new vscode.Disposable(() => {
        list.dispose();
        heard.dispose();
        managers.delete(id);
      });
    },
    registerPackageManager: (manager) => {
      const id = `python-workflow.python-workflow:${manager.name}`;
      packageManagers.set(id, manager);
      return new vscode.Disposable(() => packageManagers.delete(id));
    },
    createPackageItem: (info, _environment, manager) => ({ ...info, pkgId: { id: info.name, managerId: manager.name } }),
    createPythonEnvironmentItem: (info, manager) => {
      const found = [...managers].find(([, known]) => known === manager);
      if (found === undefined) {
        throw new Error("Environment manager not found");
      }
      return makeItem(info, found[0]);
    },
    setEnvironment: async (scope, environment) => {
      const { activation, run } = environment.execInfo;
      note("set", { folder: scope.fsPath, path: run.executable, activation });
      if (process.env.STAND_IN_THROWS === "environments") {
        throw new Error("the stand-in throws");
      }
      if (process.env.STAND_IN_HANGS === "environments") {
        return new Promise(() => undefined);
      }
      return setEnvironment(scope, environment);
    },
    getEnvironment,
    getPythonProjects: () => projects(),
    onDidChangeEnvironment: changes.event,
    onDidChangePythonProjects: projectChanges.event,
  };
};
