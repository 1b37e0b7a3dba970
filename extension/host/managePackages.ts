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
import { Cancelled, HelperError } from "../core/client.ts";
import { failureText } from "../core/failures.ts";
import { isSubject } from "../core/commandTarget.ts";
import { type Environment, Explain, type RequestType } from "../protocol.ts";
import { whichEnvironment } from "./environmentPick.ts";
import type { Services } from "./services.ts";
import { withProgress } from "./progress.ts";
import { orReported } from "./report.ts";
import { isTrustedTo } from "./restricted.ts";

/** Receives changes to the packages of an environment, which no file watcher would notice. */
export interface PackageChanges {
  readonly onDidChange: vscode.Event<void>;
}

/** An environment whose packages are managed. */
interface PackageTarget {
  readonly uri: string;
  readonly environment: Environment;
  /** The workflow that governs, where it is known. */
  readonly workflow: string | undefined;
}

/** Registers the commands; each takes a row of the view, or asks for an environment. */
export class PackageCommands implements PackageChanges, vscode.Disposable {
  private readonly services: Services;
  private readonly changes = new vscode.EventEmitter<void>();
  private readonly subscriptions: vscode.Disposable;

  readonly onDidChange = this.changes.event;

  constructor(services: Services) {
    this.services = services;
    const { commands } = services;
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

  private async about(place: vscode.Uri, row: unknown, act: (one: PackageTarget) => Promise<unknown>): Promise<void> {
    if (!(await isTrustedTo("change"))) {
      return;
    }
    const environment = await whichEnvironment(this.services, place, row, {
      title: vscode.l10n.t("Packages"),
      placeholder: vscode.l10n.t("Select an environment"),
      serves: ({ status }) => status.state === "ok",
    });
    if (environment !== undefined) {
      const uri = place.toString();
      const { workflow } = await this.services.helper.request(Explain, { uri });
      await act({ uri, environment, workflow: workflow?.name });
    }
  }

  /** Show the installed packages until the user leaves; after a failure the list stays, with the text that was typed. */
  private async manage(one: PackageTarget): Promise<void> {
    let typed = "";
    let again = true;
    while (again) {
      const chosen = await pickPackage(one, await this.installed(one), typed);
      typed = chosen?.kind === "install" ? chosen.typed : "";
      try {
        again = await this.act(one, chosen);
        typed = "";
      } catch (error) {
        // Cancelled or not, there is more to be done in the list.
        void orReported(this.services.log, Promise.reject(error as Error), vscode.Uri.parse(one.uri, true));
      }
    }
  }

  /** Do the chosen action; return false if the user canceled. */
  private async act(one: PackageTarget, chosen: Chosen | undefined): Promise<boolean> {
    switch (chosen?.kind) {
      case undefined:
        return false;
      case "install":
        return chosen.typed !== "" && whyNotRequirements(chosen.typed) === undefined
          ? this.perform(Install, one, requirementsIn(chosen.typed))
          : this.install(one, chosen.typed);
      case "package":
        return this.change(one, chosen.package);
      case "uninstall":
        return this.perform(Uninstall, one, [chosen.package.name]);
    }
  }

  /** Ask what to do with a package, and do it; return false if the user canceled. */
  private async change(one: PackageTarget, { name, version }: Package): Promise<boolean> {
    const uninstall = { label: `$(trash) ${vscode.l10n.t("Uninstall {0}", name)}` };
    const other = { label: `$(versions) ${vscode.l10n.t("Install another version...")}` };
    const title = `${name} ${version}`;
    const picked = await vscode.window.showQuickPick([uninstall, other], { title, placeHolder: vscode.l10n.t("Select what to do") });
    if (picked === uninstall) {
      return this.perform(Uninstall, one, [name]);
    }
    // A user who left is back at the list.
    return picked === undefined ? true : this.install(one, `${name}==`);
  }

  /** Install the requirements that the user types; the input box stays open until then. Return whether they were installed. */
  private async install(one: PackageTarget, typed: string): Promise<boolean> {
    return enterRequirements(one, typed, async (requirements) => {
      try {
        await this.perform(Install, one, requirementsIn(requirements));
        return undefined;
      } catch (error) {
        if (error instanceof Cancelled) {
          return "";
        }
        this.services.log.error(String(error));
        return failureText(error instanceof HelperError ? error : { message: String(error) });
      }
    });
  }

  private async uninstall(one: PackageTarget, name: string | undefined): Promise<boolean> {
    if (name !== undefined) {
      return this.perform(Uninstall, one, [name]);
    }
    const rows = (await this.installed(one)).map((found) => ({ label: found.name, description: found.version }));
    const picked = await vscode.window.showQuickPick(rows, {
      title: titleOf(one),
      placeHolder: vscode.l10n.t("Select the packages to uninstall"),
      canPickMany: true,
      matchOnDescription: true,
    });
    return picked === undefined || picked.length === 0
      ? false
      : this.perform(Uninstall, one, picked.map(({ label }) => label));
  }

  private async installed({ environment, uri }: PackageTarget): Promise<readonly Package[]> {
    const { packages } = await this.services.helper.request(Packages, { uri, environment: environment.prefix });
    return packages;
  }

  private async perform(
    type: RequestType<PackagesParams, Changes>,
    { environment, uri, workflow }: PackageTarget,
    packages: readonly string[],
  ): Promise<true> {
    const { name, prefix } = environment;
    const what = packages.join(", ");
    const title =
      type === Install
        ? vscode.l10n.t("Installing {0} into {1}", what, name)
        : vscode.l10n.t("Uninstalling {0} from {1}", what, name);
    try {
      const done = await withProgress(this.services.helper, type, { uri, environment: prefix, packages }, title);
      void vscode.window.showInformationMessage(changesTold(done, name, workflow));
    } finally {
      // What failed, or was cancelled, may have changed something.
      this.changes.fire();
    }
    return true;
  }
}

function titleOf({ environment }: PackageTarget): string {
  return vscode.l10n.t("Packages of {0}", environment.name);
}

const EXAMPLE = "requests flask>=3 rich[jupyter]==13.*";

/**
 * Let the user enter requirements until they are installed or the user leaves.
 *
 * @param take installs them; returns why that failed, as a sentence to show in the input box, which stays open
 * @returns whether they were installed
 */
async function enterRequirements(
  one: PackageTarget,
  typed: string,
  take: (requirements: string) => Promise<string | undefined>,
): Promise<boolean> {
  const box = vscode.window.createInputBox();
  box.title = vscode.l10n.t("Install into {0}", one.environment.name);
  box.prompt = vscode.l10n.t("Packages to install, separated by spaces. {0}.", whoseDependencies(one.workflow));
  box.placeholder = EXAMPLE;
  box.value = typed;
  box.valueSelection = [typed.length, typed.length];
  box.ignoreFocusOut = true;
  // What is being typed is not complained about; what cannot be tried is not taken.
  const complain = (text: string): void => {
    box.validationMessage = text.trim() === "" ? undefined : whyNotRequirements(text);
  };
  complain(typed.endsWith("==") ? "" : typed);
  box.onDidChangeValue(complain);
  return new Promise((resolve) => {
    box.onDidAccept(async () => {
      box.validationMessage = whyNotRequirements(box.value);
      if (box.validationMessage !== undefined || box.busy) {
        return;
      }
      box.busy = true;
      const failure = await take(box.value);
      box.busy = false;
      if (failure === undefined) {
        resolve(true);
        box.hide();
      } else {
        box.validationMessage = failure;
      }
    });
    box.onDidHide(() => {
      resolve(false);
      box.dispose();
    });
    box.show();
  });
}

type Chosen = PackageAction | { readonly kind: "uninstall"; readonly package: Package };

interface PackageItem extends vscode.QuickPickItem {
  readonly action?: PackageAction;
}

async function pickPackage(one: PackageTarget, packages: readonly Package[], start: string): Promise<Chosen | undefined> {
  const trash: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon("trash"), tooltip: vscode.l10n.t("Uninstall") };
  const itemsFor = (typed: string): readonly PackageItem[] =>
    packageRows(packages, typed, one.workflow).map((row): PackageItem => {
      if (row.kind === "separator") {
        return { kind: vscode.QuickPickItemKind.Separator, label: row.label };
      }
      const { action, description, detail, label } = row;
      const isPackage = action.kind === "package";
      return { action, description, detail, label, alwaysShow: !isPackage, buttons: isPackage ? [trash] : [] };
    });
  return new Promise((resolve) => {
    const box = vscode.window.createQuickPick<PackageItem>();
    box.title = titleOf(one);
    box.placeholder = vscode.l10n.t("Search for a package, or enter packages to install");
    box.value = start;
    box.items = itemsFor(start);
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
