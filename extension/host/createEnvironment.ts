/** "Create Environment", and its quick form that asks nothing. */
import { lstatSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";

import * as vscode from "vscode";

import { Create, CreateOptions, type CreateOptionsResult, type Maker } from "../acts.ts";
import type { HelperClient } from "../core/client.ts";
import {
  createParams,
  freeName,
  makerRows,
  partRows,
  pythonRows,
  quickMaker,
  type Wanted,
} from "../core/creating.ts";
import { whyNotName } from "../core/names.ts";
import { shortenHome } from "../core/paths.ts";
import { type Environment, Environments } from "../protocol.ts";
import type { Interpreters } from "./interpreters.ts";
import type { Parts } from "./parts.ts";
import { remember } from "./picker.ts";
import { withProgress } from "./progress.ts";
import { isTrustedTo } from "./restricted.ts";
import { enterText, pickMany, pickOne, type Step, wizard } from "./wizard.ts";

const display = { platform: process.platform, home: homedir() };

/** What there is to choose from, and what is there already. */
interface Known {
  readonly options: CreateOptionsResult;
  readonly title: string;
  readonly isTaken: (name: string) => boolean;
}

/** "Create Environment" and "Quick Create Environment". */
export function registerCreateEnvironment({ commands, helper, interpreters }: Parts): vscode.Disposable {
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
): Promise<void> {
  if (!(await isTrustedTo("change"))) {
    return;
  }
  const uri = place.toString();
  const [options, { environments }] = await Promise.all([
    helper.request(CreateOptions, { uri }),
    helper.request(Environments, { uri, pythons: false }),
  ]);
  const wanted = await choose(known(options, environments));
  if (wanted === undefined) {
    return;
  }
  if (!(await isPossible(wanted.maker, place))) {
    return;
  }
  const title = vscode.l10n.t(
    "Creating {0} in {1}",
    wanted.name ?? wanted.maker.names[0] ?? vscode.l10n.t("an environment"),
    basename(options.root),
  );
  const { environment } = await withProgress(helper, Create, createParams(uri, wanted), title);
  await remember(helper, interpreters, uri, environment.prefix);
}

function known(options: CreateOptionsResult, environments: readonly Environment[]): Known {
  // One that was selected and is gone leaves its name to the next.
  const names = new Set(environments.filter(({ prefix }) => exists(prefix)).map(({ name }) => name));
  return {
    options,
    title: vscode.l10n.t(
      "Create Environment in {0}",
      shortenHome(display.platform, display.home, options.root),
    ),
    isTaken: (name) => names.has(name) || exists(join(options.root, name)),
  };
}

/** Without a question: the workflow that governs, and all that it takes by default. */
async function quick({ isTaken, options }: Known): Promise<Wanted | undefined> {
  const maker = quickMaker(options);
  if (maker === undefined) {
    await vscode.window.showErrorMessage(vscode.l10n.t("No workflow can make an environment here."));
    return undefined;
  }
  return maker.any_name ? { maker, name: freeName(maker, isTaken) } : { maker };
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

function whichWorkflow({ options, title }: Known): Asked {
  return async () => {
    const first = quickMaker(options);
    const fast = {
      label: `$(zap) ${vscode.l10n.t("Quick create")}`,
      description: first?.name ?? "",
      detail: vscode.l10n.t("Asks nothing more: the usual name, Python and groups"),
      value: undefined,
    };
    const picked = await pickOne<Maker | undefined>(
      { title, placeholder: vscode.l10n.t("The workflow that makes the environment, and keeps it") },
      [...(first?.installed === true ? [fast] : []), ...makerRows(options, display)],
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
          placeholder: vscode.l10n.t("The name of the new environment, which {0} makes", maker.name),
          value: freeName(maker, isTaken),
        },
        (name) =>
          whyNotName(name) ??
          (isTaken(name)
            ? vscode.l10n.t("{0} is there already; nothing is overwritten.", name)
            : undefined),
        canGoBack,
      );
      return typeof entered === "object" ? { ...state, name: entered.value } : entered;
    }
    if (maker.names.length < 2) {
      return "skip";
    }
    const picked = await pickOne<string>(
      { title, placeholder: vscode.l10n.t("Which of the environments of {0}", maker.name) },
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
      { title, placeholder: vscode.l10n.t("The Python that the environment is made with") },
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
        placeholder: vscode.l10n.t("Groups and extras to install; none for the usual ones"),
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

/** As {@link isAble}; says what is in the way, with a button that mends it. */
async function isPossible(maker: Maker, place: vscode.Uri): Promise<boolean> {
  if (isAble(maker)) {
    return true;
  }
  const recreate = vscode.l10n.t("Recreate Environment");
  const other = vscode.l10n.t("Create Another Way");
  const choice = maker.installed
    ? await vscode.window.showWarningMessage(
        vscode.l10n.t("All environments that {0} makes here are there already.", maker.name),
        recreate,
        other,
      )
    : await vscode.window.showWarningMessage(
        vscode.l10n.t("{0} is not installed. {1}", maker.name, maker.advice),
        other,
      );
  if (choice === recreate) {
    await vscode.commands.executeCommand("pythonWorkflow.recreateEnvironment", place);
  } else if (choice === other) {
    await vscode.commands.executeCommand("pythonWorkflow.createEnvironment", place);
  }
  return false;
}

/** Whether anything is at the path, a dangling link too. */
function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
