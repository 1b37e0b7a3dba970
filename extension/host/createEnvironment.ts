/** "Create Environment", and its quick form that asks nothing. */
import { lstatSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";

import * as vscode from "vscode";

import { Create, CreateOptions, type CreateOptionsResult, type Maker } from "../acts.ts";
import type { HelperClient } from "../core/client.ts";
import {
  createdTold,
  createParams,
  freeName,
  makerRows,
  partRows,
  pythonRows,
  quickDetail,
  quickMaker,
  type Wanted,
} from "../core/creationChoices.ts";
import { plainHint } from "../core/failures.ts";
import { toolFix } from "../core/errorActions.ts";
import { whyNotName } from "../core/names.ts";
import { shortenHome } from "../core/paths.ts";
import { type Environment, Environments } from "../protocol.ts";
import type { Interpreters } from "./interpreters.ts";
import type { Services } from "./services.ts";
import { remember } from "./picker.ts";
import { withProgress } from "./progress.ts";
import { attempt } from "./report.ts";
import { isTrustedTo } from "./restricted.ts";
import { enterText, pickMany, pickOne, type Step, wizard } from "./wizard.ts";

const display = { platform: process.platform, home: homedir() };

/** What there is to choose from, and what is there already. */
interface Known {
  readonly options: CreateOptionsResult;
  readonly title: string;
  readonly place: vscode.Uri;
  readonly isTaken: (name: string) => boolean;
}

/** "Create Environment" and "Quick Create Environment". */
export function registerCreateEnvironment({ commands, helper, interpreters }: Services): vscode.Disposable {
  return vscode.Disposable.from(
    commands.about("createEnvironment", async (place) => create(helper, interpreters, place, ask)),
    commands.about("quickCreateEnvironment", async (place) =>
      create(helper, interpreters, place, quick),
    ),
  );
}

/** Makes what `choose` comes to, and selects it. Rejects with HelperError, or with Cancelled. */
async function create(
  helper: HelperClient,
  interpreters: Interpreters,
  place: vscode.Uri,
  choose: (known: Known) => Promise<Wanted | undefined>,
): Promise<boolean> {
  if (!(await isTrustedTo("change"))) {
    return false;
  }
  const uri = place.toString();
  const [options, { environments }] = await Promise.all([
    helper.request(CreateOptions, { uri }),
    helper.request(Environments, { uri, pythons: false }),
  ]);
  const wanted = await choose(known(options, environments, place));
  if (wanted === undefined) {
    return false;
  }
  const way = await whetherPossible(wanted.maker, place);
  if (way !== "possible") {
    // The tool is there now: with it, what was chosen can be made.
    return way === "installed" ? create(helper, interpreters, place, async (known) => chosenAgain(known, wanted, choose)) : false;
  }
  const title = vscode.l10n.t(
    "Creating {0} in {1}",
    wanted.name ?? wanted.maker.names[0] ?? vscode.l10n.t("an environment"),
    basename(options.root),
  );
  return attempt(async () => {
    const { environment } = await withProgress(helper, Create, createParams(uri, wanted), title);
    await remember(helper, interpreters, uri, environment.prefix);
    const told = createdTold(wanted.maker, environment.name, [...(wanted.groups ?? []), ...(wanted.extras ?? [])]);
    if (told !== undefined) {
      void vscode.window.showInformationMessage(told);
    }
    return true;
  }, vscode.l10n.t("Nothing was created."));
}

/** The choice with a tool that was installed meanwhile: its questions had not been asked. */
async function chosenAgain(
  about: Known,
  before: Wanted,
  choose: (known: Known) => Promise<Wanted | undefined>,
): Promise<Wanted | undefined> {
  const maker = about.options.workflows.find(({ name }) => name === before.maker.name);
  return maker?.installed === true && choose === ask ? askWith(about, maker) : choose(about);
}

function known(options: CreateOptionsResult, environments: readonly Environment[], place: vscode.Uri): Known {
  // One that was selected and is gone leaves its name to the next.
  const names = new Set(environments.filter(({ prefix }) => exists(prefix)).map(({ name }) => name));
  return {
    options,
    place,
    title: vscode.l10n.t(
      "Create Environment in {0}",
      shortenHome(display.platform, display.home, options.root),
    ),
    isTaken: (name) => names.has(name) || exists(join(options.root, name)),
  };
}

/** Without a question: the workflow that governs, and all that it takes by default. */
async function quick({ isTaken, options, place, title }: Known): Promise<Wanted | undefined> {
  const maker = quickMaker(options);
  if (maker === undefined) {
    await vscode.window.showErrorMessage(vscode.l10n.t("No tool that is installed can create an environment here."));
    return undefined;
  }
  if (!maker.any_name) {
    return { maker };
  }
  const [usual = ".venv"] = maker.names;
  const name = freeName(maker, isTaken);
  return name === usual || (await isAnotherWanted(usual, name, place, title)) ? { maker, name } : undefined;
}

/** Ask whether another environment is wanted beside the one that is there; that one is recreated where it is meant. */
async function isAnotherWanted(there: string, name: string, place: vscode.Uri, title: string): Promise<boolean> {
  const another = { label: `$(add) ${vscode.l10n.t("Create {0}", name)}`, value: true };
  const recreate = { label: `$(wrench) ${vscode.l10n.t("Recreate {0}", there)}`, value: false };
  const placeholder = vscode.l10n.t("{0} exists already. Select what to do", there);
  const picked = await pickOne<boolean>({ title, placeholder }, [recreate, another], false);
  if (picked === undefined || picked === "back") {
    return false;
  }
  if (!picked.value) {
    await vscode.commands.executeCommand("pythonWorkflow.recreateEnvironment", place);
  }
  return picked.value;
}

/** The questions that follow where the workflow is chosen already. */
async function askWith(about: Known, maker: Maker): Promise<Wanted | undefined> {
  const chosen = await wizard<Partial<Wanted>>([whichName(about), whichPython(about), whichParts(about)], { maker });
  return chosen === undefined ? undefined : { ...chosen, maker };
}

async function ask(about: Known): Promise<Wanted | undefined> {
  const chosen = await wizard<Partial<Wanted> & { readonly quick?: boolean }>(
    [whichWorkflow(about), whichName(about), whichPython(about), whichParts(about)],
    {},
  );
  if (chosen?.quick === true) {
    return quick(about);
  }
  return chosen?.maker === undefined ? undefined : { ...chosen, maker: chosen.maker };
}

type Asked = Step<Partial<Wanted> & { readonly quick?: boolean }>;

function whichWorkflow(about: Known): Asked {
  const { options, title } = about;
  return async () => {
    const first = quickMaker(options);
    const fast = {
      label: `$(zap) ${vscode.l10n.t("Quick create")}`,
      description: first?.name ?? "",
      detail: first === undefined ? "" : quickDetail(first, first.any_name ? freeName(first, about.isTaken) : (first.names[0] ?? "")),
      value: undefined,
    };
    const { installed, missing } = makerRows(options, display);
    const picked = await pickOne<Maker | undefined>(
      { title, placeholder: vscode.l10n.t("Select a tool to create the environment with") },
      [
        ...(first?.installed === true ? [fast] : []),
        ...installed,
        ...(missing.length === 0 ? [] : [{ kind: vscode.QuickPickItemKind.Separator, label: vscode.l10n.t("Not installed") }]),
        ...missing,
      ],
      false,
    );
    if (picked === undefined || picked === "back") {
      return undefined;
    }
    return picked.value === undefined ? { quick: true } : { maker: picked.value };
  };
}

function whichName({ isTaken, title }: Known): Asked {
  return async (state, canGoBack) => {
    const { maker } = state;
    if (maker?.installed !== true) {
      return "skip";
    }
    if (maker.any_name) {
      const entered = await enterText(
        {
          title,
          placeholder: vscode.l10n.t("Name of the new environment"),
          value: freeName(maker, isTaken),
        },
        (name) =>
          whyNotName(name) ??
          (isTaken(name)
            ? vscode.l10n.t("{0} exists already.", name)
            : undefined),
        canGoBack,
      );
      return typeof entered === "object" ? { ...state, name: entered.value } : entered;
    }
    if (maker.names.length < 2) {
      return "skip";
    }
    const picked = await pickOne<string>(
      { title, placeholder: vscode.l10n.t("Select an environment") },
      maker.names.map((name) => ({ label: name, value: name })),
      canGoBack,
    );
    return typeof picked === "object" ? { ...state, name: picked.value } : picked;
  };
}

function whichPython({ options, title }: Known): Asked {
  return async (state, canGoBack) => {
    const { maker } = state;
    if (maker === undefined || !isAble(maker)) {
      return "skip";
    }
    const picked = await pickOne<string | undefined>(
      { title, placeholder: vscode.l10n.t("Select a Python version") },
      pythonRows(maker, options.pythons, display),
      canGoBack,
    );
    if (typeof picked !== "object") {
      return picked;
    }
    return picked.value === undefined ? state : { ...state, python: picked.value };
  };
}

function whichParts({ title }: Known): Asked {
  return async (state, canGoBack) => {
    const rows = state.maker === undefined || !isAble(state.maker) ? [] : partRows(state.maker);
    if (rows.length === 0) {
      return "skip";
    }
    const picked = await pickMany(
      {
        title,
        placeholder: vscode.l10n.t("Select groups and extras to install, or select none to install the defaults"),
      },
      rows,
      canGoBack,
    );
    if (picked === undefined || picked === "back") {
      return picked;
    }
    const of = (kind: "groups" | "extras"): readonly string[] =>
      picked.filter((part) => part.kind === kind).map(({ name }) => name);
    return { ...state, groups: of("groups"), extras: of("extras") };
  };
}

/** Whether the workflow's tool is there, and a name that it would give is free. */
function isAble(maker: Maker): boolean {
  return maker.installed && (maker.any_name || maker.names.length > 0);
}

/** Whether it can be made; says what is in the way, with a button that mends it. `installed`: its tool is there now. */
async function whetherPossible(maker: Maker, place: vscode.Uri): Promise<"possible" | "installed" | "impossible"> {
  if (isAble(maker)) {
    return "possible";
  }
  const other = { title: vscode.l10n.t("Choose Another Tool"), command: "createEnvironment" };
  const recreate = { title: vscode.l10n.t("Recreate"), command: "recreateEnvironment" };
  const install = maker.installed ? undefined : toolFix(maker.name);
  const mends = maker.installed ? [recreate, other] : [...(install === undefined ? [] : [install]), other];
  const told = maker.installed
    ? vscode.l10n.t("All environments that {0} creates here exist already.", maker.name)
    : [vscode.l10n.t("{0} is not installed.", maker.name), ...(install === undefined ? [plainHint(maker.advice)] : [])].join(" ");
  const choice = await vscode.window.showWarningMessage(told, ...mends.map(({ title }) => title));
  const mend = mends.find(({ title }) => title === choice);
  if (mend === undefined) {
    return "impossible";
  }
  const done = await vscode.commands.executeCommand(`pythonWorkflow.${mend.command}`, mend === install ? maker.name : place);
  return mend === install && done === true ? "installed" : "impossible";
}

/** Whether anything is at the path, a dangling link too. */
function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
