/** "Manage Packages...", "Install Packages..." and "Uninstall Package...". */
import * as vscode from "vscode";

import { type Changes, Install, type Package, Packages, type PackagesParams, Uninstall } from "../acts.ts";
import {
  changesTold,
  type PackageAction,
  packageRows,
  requirementsIn,
  whoseDependencies,
  whyNotRequirements,
} from "../core/packages.ts";
import { isSubject } from "../core/subject.ts";
import { type Environment, Explain, type RequestType } from "../protocol.ts";
import { whichEnvironment } from "./environmentPick.ts";
import type { Parts } from "./parts.ts";
import { withProgress } from "./progress.ts";
import { isTrustedTo } from "./restricted.ts";

/** What changed the packages of an environment is told here: nothing on the disk would. */
export interface PackageChanges {
  readonly onDidChange: vscode.Event<void>;
}

/** An environment whose packages are looked after. */
interface Subject {
  readonly uri: string;
  readonly environment: Environment;
  /** The workflow that governs, where it is known. */
  readonly workflow: string | undefined;
}

/** Registers the commands; each takes a row of the view, or asks which environment is meant. */
export class PackageCommands implements PackageChanges, vscode.Disposable {
  private readonly parts: Parts;
  private readonly changes = new vscode.EventEmitter<void>();
  private readonly subscriptions: vscode.Disposable;

  readonly onDidChange = this.changes.event;

  constructor(parts: Parts) {
    this.parts = parts;
    const { commands } = parts;
    this.subscriptions = vscode.Disposable.from(
      this.changes,
      commands.about("managePackages", async (place, row) => this.about(place, row, async (one) => this.manage(one))),
      commands.about("installPackages", async (place, row) => this.about(place, row, async (one) => this.install(one, ""))),
      commands.about("uninstallPackage", async (place, row) =>
        this.about(place, row, async (one) => this.uninstall(one, isSubject(row) ? row.package : undefined)),
      ),
    );
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  private async about(place: vscode.Uri, row: unknown, act: (one: Subject) => Promise<unknown>): Promise<void> {
    if (!(await isTrustedTo("change"))) {
      return;
    }
    const environment = await whichEnvironment(this.parts, place, row, {
      title: vscode.l10n.t("Packages"),
      placeholder: vscode.l10n.t("The environment whose packages are meant"),
      serves: ({ status }) => status.state === "ok",
    });
    if (environment !== undefined) {
      const uri = place.toString();
      const { workflow } = await this.parts.helper.request(Explain, { uri });
      await act({ uri, environment, workflow: workflow?.name });
    }
  }

  /** Shows what is installed, until the user leaves. */
  private async manage(one: Subject): Promise<void> {
    let again = true;
    while (again) {
      const chosen = await pickPackage(one, await this.installed(one));
      switch (chosen?.kind) {
        case undefined:
          return;
        case "install":
          again = await this.install(one, chosen.typed);
          break;
        case "package":
          again = await this.change(one, chosen.package);
          break;
        case "uninstall":
          again = await this.perform(Uninstall, one, [chosen.package.name]);
      }
    }
  }

  /** What is to become of one package. */
  private async change(one: Subject, { name, version }: Package): Promise<boolean> {
    const uninstall = { label: `$(trash) ${vscode.l10n.t("Uninstall {0}", name)}` };
    const other = { label: `$(versions) ${vscode.l10n.t("Install another version...")}` };
    const title = `${name} ${version}`;
    const picked = await vscode.window.showQuickPick([uninstall, other], { title });
    if (picked === uninstall) {
      return this.perform(Uninstall, one, [name]);
    }
    // A user who left is back at the list.
    return picked === undefined ? true : this.install(one, `${name}==`, false);
  }

  /** Installs what is typed; asks for it where nothing was, or where it has to be completed. Whether it was done. */
  private async install(one: Subject, typed: string, complete = typed !== ""): Promise<boolean> {
    const wanted = complete && whyNotRequirements(typed) === undefined ? typed : await askRequirements(one, typed);
    return wanted === undefined ? false : this.perform(Install, one, requirementsIn(wanted));
  }

  private async uninstall(one: Subject, name: string | undefined): Promise<boolean> {
    if (name !== undefined) {
      return this.perform(Uninstall, one, [name]);
    }
    const rows = (await this.installed(one)).map((found) => ({ label: found.name, description: found.version }));
    const picked = await vscode.window.showQuickPick(rows, {
      title: titleOf(one),
      placeHolder: vscode.l10n.t("The packages to uninstall"),
      canPickMany: true,
      matchOnDescription: true,
    });
    return picked === undefined || picked.length === 0
      ? false
      : this.perform(Uninstall, one, picked.map(({ label }) => label));
  }

  private async installed({ environment, uri }: Subject): Promise<readonly Package[]> {
    const { packages } = await this.parts.helper.request(Packages, { uri, environment: environment.prefix });
    return packages;
  }

  private async perform(
    type: RequestType<PackagesParams, Changes>,
    { environment, uri, workflow }: Subject,
    packages: readonly string[],
  ): Promise<true> {
    const { name, prefix } = environment;
    const what = packages.join(", ");
    const title =
      type === Install
        ? vscode.l10n.t("Installing {0} into {1}", what, name)
        : vscode.l10n.t("Uninstalling {0} from {1}", what, name);
    try {
      const done = await withProgress(this.parts.helper, type, { uri, environment: prefix, packages }, title);
      void vscode.window.showInformationMessage(changesTold(done, name, workflow));
    } finally {
      // What failed, or was cancelled, may have changed something.
      this.changes.fire();
    }
    return true;
  }
}

function titleOf({ environment }: Subject): string {
  return vscode.l10n.t("Packages of {0}", environment.name);
}

const EXAMPLE = "requests flask>=3 rich[jupyter]==13.*";

async function askRequirements(one: Subject, typed: string): Promise<string | undefined> {
  return vscode.window.showInputBox({
    title: vscode.l10n.t("Install into {0}", one.environment.name),
    prompt: vscode.l10n.t("Packages to install, separated by spaces. {0}.", whoseDependencies(one.workflow)),
    placeHolder: EXAMPLE,
    value: typed,
    valueSelection: [typed.length, typed.length],
    ignoreFocusOut: true,
    // What is being typed is not complained about; what cannot be tried is not taken.
    validateInput: (value) => (value.trim() === "" ? undefined : whyNotRequirements(value)),
  });
}

type Chosen = PackageAction | { readonly kind: "uninstall"; readonly package: Package };

interface Item extends vscode.QuickPickItem {
  readonly action?: PackageAction;
}

async function pickPackage(one: Subject, packages: readonly Package[]): Promise<Chosen | undefined> {
  const trash: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon("trash"), tooltip: vscode.l10n.t("Uninstall") };
  const itemsFor = (typed: string): readonly Item[] =>
    packageRows(packages, typed, one.workflow).map((row): Item => {
      if (row.kind === "separator") {
        return { kind: vscode.QuickPickItemKind.Separator, label: row.label };
      }
      const { action, description, detail, label } = row;
      const isPackage = action.kind === "package";
      return { action, description, detail, label, alwaysShow: !isPackage, buttons: isPackage ? [trash] : [] };
    });
  return new Promise((resolve) => {
    const box = vscode.window.createQuickPick<Item>();
    box.title = titleOf(one);
    box.placeholder = vscode.l10n.t("Type to find a package, or requirements to install");
    box.items = itemsFor("");
    box.onDidChangeValue((typed) => {
      box.items = itemsFor(typed);
    });
    box.onDidAccept(() => {
      resolve(box.selectedItems[0]?.action);
      box.hide();
    });
    box.onDidTriggerItemButton(({ item }) => {
      resolve(item.action?.kind === "package" ? { ...item.action, kind: "uninstall" } : undefined);
      box.hide();
    });
    box.onDidHide(() => {
      resolve(undefined);
      box.dispose();
    });
    box.show();
  });
}
