/** "Create Environment", and "Quick Create Environment", which asks nothing. */
import { lstatSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";

import * as vscode from "vscode";

import { Create, CreateOptions, type CreateOptionsResult, type CreationTool } from "../acts.ts";
import type { HelperClient } from "../core/client.ts";
import {
  createdMessage,
  createParams,
  freeName,
  toolRows,
  partRows,
  pythonRows,
  quickDetail,
  quickTool,
  type CreationChoice,
} from "../core/creationChoices.ts";
import { isOfMachine } from "../core/commandTarget.ts";
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
import { enterText, pickMany, pickOne, type WizardStep, wizard } from "./wizard.ts";

const display = { platform: process.platform, home: homedir() };

/** The options, and the names that are taken. */
interface CreationContext {
  readonly options: CreateOptionsResult;
  readonly title: string;
  readonly place: vscode.Uri;
  readonly isTaken: (name: string) => boolean;
  /** Whether an environment of the name exists and can be recreated. */
  readonly canRecreate: (name: string) => boolean;
}

/** Register "Create Environment" and "Quick Create Environment". */
export function registerCreateEnvironment({ commands, helper, interpreters }: Services): vscode.Disposable {
  return vscode.Disposable.from(
    commands.about("createEnvironment", async (place) => create(helper, interpreters, place, ask)),
    commands.about("quickCreateEnvironment", async (place) =>
      create(helper, interpreters, place, quick),
    ),
  );
}

/** Create the environment that `choose` returns, and select it. Rejects with HelperError, or with Cancelled. */
async function create(
  helper: HelperClient,
  interpreters: Interpreters,
  place: vscode.Uri,
  choose: (contextOf: CreationContext) => Promise<CreationChoice | undefined>,
): Promise<boolean> {
  if (!(await isTrustedTo("change"))) {
    return false;
  }
  const uri = place.toString();
  const [options, { environments }] = await Promise.all([
    helper.request(CreateOptions, { uri }),
    helper.request(Environments, { uri, pythons: false }),
  ]);
  const choice = await choose(contextOf(options, environments, place));
  if (choice === undefined) {
    return false;
  }
  const way = await checkTool(choice.tool, place);
  if (way !== "possible") {
    // The tool is installed now, so the environment can be created.
    return way === "installed" ? create(helper, interpreters, place, async (contextOf) => chooseAgain(contextOf, choice, choose)) : false;
  }
  const title = vscode.l10n.t(
    "Creating {0} in {1}",
    choice.name ?? choice.tool.names[0] ?? vscode.l10n.t("an environment"),
    basename(options.root),
  );
  return attempt(async () => {
    const { environment } = await withProgress(helper, Create, createParams(uri, choice), title);
    await remember(helper, interpreters, uri, environment.prefix);
    const message = createdMessage(choice.tool, environment.name, [...(choice.groups ?? []), ...(choice.extras ?? [])]);
    if (message !== undefined) {
      void vscode.window.showInformationMessage(message);
    }
    return true;
  }, vscode.l10n.t("Nothing was created."));
}

/** Ask the remaining questions again, for a tool that was installed meanwhile. */
async function chooseAgain(
  context: CreationContext,
  before: CreationChoice,
  choose: (contextOf: CreationContext) => Promise<CreationChoice | undefined>,
): Promise<CreationChoice | undefined> {
  const tool = context.options.workflows.find(({ name }) => name === before.tool.name);
  return tool?.installed === true && choose === ask ? askWith(context, tool) : choose(context);
}

function contextOf(options: CreateOptionsResult, environments: readonly Environment[], place: vscode.Uri): CreationContext {
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
    canRecreate: (name) => environments.some((environment) => isRecreatable(environment, options.root, name)),
  };
}

/** Choose the recommended tool and its defaults, without a question. */
async function quick({ canRecreate, isTaken, options, place, title }: CreationContext): Promise<CreationChoice | undefined> {
  const tool = quickTool(options);
  if (tool === undefined) {
    await vscode.window.showErrorMessage(vscode.l10n.t("None of the installed tools can create an environment here."));
    return undefined;
  }
  if (!tool.any_name) {
    return { tool };
  }
  const [usual = ".venv"] = tool.names;
  const name = freeName(tool, isTaken);
  return name === usual || !canRecreate(usual) || (await confirmAnother(usual, name, place, title)) ? { tool, name } : undefined;
}

/** Ask whether to create another environment beside the existing one, or to recreate that one. */
async function confirmAnother(there: string, name: string, place: vscode.Uri, title: string): Promise<boolean> {
  const another = { label: `$(add) ${vscode.l10n.t("Create {0}", name)}`, value: true };
  const recreate = { label: `$(wrench) ${vscode.l10n.t("Recreate {0}", there)}`, value: false };
  const placeholder = vscode.l10n.t("{0} already exists. Select what to do", there);
  const picked = await pickOne<boolean>({ title, placeholder }, [recreate, another], { canGoBack: false });
  if (picked === undefined || picked === "back") {
    return false;
  }
  if (!picked.value) {
    await vscode.commands.executeCommand("pythonWorkflow.recreateEnvironment", place);
  }
  return picked.value;
}

/** Ask the remaining questions once the tool is chosen. */
async function askWith(context: CreationContext, tool: CreationTool): Promise<CreationChoice | undefined> {
  const chosen = await wizard<Partial<CreationChoice>>([nameStep(context), pythonStep(context), partsStep(context)], { tool });
  return chosen === undefined ? undefined : { ...chosen, tool };
}

async function ask(context: CreationContext): Promise<CreationChoice | undefined> {
  const chosen = await wizard<Partial<CreationChoice> & { readonly quick?: boolean }>(
    [toolStep(context), nameStep(context), pythonStep(context), partsStep(context)],
    {},
  );
  if (chosen?.quick === true) {
    return quick(context);
  }
  return chosen?.tool === undefined ? undefined : { ...chosen, tool: chosen.tool };
}

type CreationStep = WizardStep<Partial<CreationChoice> & { readonly quick?: boolean }>;

function toolStep(context: CreationContext): CreationStep {
  const { options, title } = context;
  return async () => {
    const first = quickTool(options);
    const fast = {
      label: `$(zap) ${vscode.l10n.t("Quick create")}`,
      description: first?.name ?? "",
      detail: first === undefined ? "" : quickDetail(first, first.any_name ? freeName(first, context.isTaken) : (first.names[0] ?? "")),
      value: undefined,
    };
    const { installed, missing } = toolRows(options, display);
    const picked = await pickOne<CreationTool | undefined>(
      { title, placeholder: vscode.l10n.t("Select a tool to create the environment with") },
      [
        ...(first?.installed === true ? [fast] : []),
        ...installed,
        ...(missing.length === 0 ? [] : [{ kind: vscode.QuickPickItemKind.Separator, label: vscode.l10n.t("Not installed") }]),
        ...missing,
      ],
      { canGoBack: false },
    );
    if (picked === undefined || picked === "back") {
      return undefined;
    }
    return picked.value === undefined ? { quick: true } : { tool: picked.value };
  };
}

function nameStep({ isTaken, title }: CreationContext): CreationStep {
  return async (state, canGoBack) => {
    const { tool } = state;
    if (tool?.installed !== true) {
      return "skip";
    }
    if (tool.any_name) {
      const entered = await enterText(
        {
          title,
          placeholder: vscode.l10n.t("Name of the new environment"),
          value: freeName(tool, isTaken),
        },
        (name) =>
          whyNotName(name) ??
          (isTaken(name)
            ? vscode.l10n.t("{0} already exists.", name)
            : undefined),
        { canGoBack },
      );
      return typeof entered === "object" ? { ...state, name: entered.value } : entered;
    }
    if (tool.names.length < 2) {
      return "skip";
    }
    const picked = await pickOne<string>(
      { title, placeholder: vscode.l10n.t("Select an environment") },
      tool.names.map((name) => ({ label: name, value: name })),
      { canGoBack },
    );
    return typeof picked === "object" ? { ...state, name: picked.value } : picked;
  };
}

function pythonStep({ options, title }: CreationContext): CreationStep {
  return async (state, canGoBack) => {
    const { tool } = state;
    if (tool === undefined || !isAble(tool)) {
      return "skip";
    }
    const picked = await pickOne<string | undefined>(
      { title, placeholder: vscode.l10n.t("Select a Python version") },
      pythonRows(tool, options.pythons, display),
      { canGoBack },
    );
    if (typeof picked !== "object") {
      return picked;
    }
    return picked.value === undefined ? state : { ...state, python: picked.value };
  };
}

function partsStep({ title }: CreationContext): CreationStep {
  return async (state, canGoBack) => {
    const rows = state.tool === undefined || !isAble(state.tool) ? [] : partRows(state.tool);
    if (rows.length === 0) {
      return "skip";
    }
    const picked = await pickMany(
      {
        title,
        placeholder: vscode.l10n.t("Select groups and extras to install, or select none to install the defaults"),
      },
      rows,
      { canGoBack },
    );
    if (picked === undefined || picked === "back") {
      return picked;
    }
    const of = (kind: "groups" | "extras"): readonly string[] =>
      picked.filter((part) => part.kind === kind).map(({ name }) => name);
    return { ...state, groups: of("groups"), extras: of("extras") };
  };
}

/** Return whether a tool is installed and has a free name to give. */
function isAble(tool: CreationTool): boolean {
  return tool.installed && (tool.any_name || tool.names.length > 0);
}

/**
 * Check whether a tool can create an environment. If not, show why, with buttons that help; the result is `installed`
 * where one of them installed the tool.
 */
async function checkTool(tool: CreationTool, place: vscode.Uri): Promise<"possible" | "installed" | "impossible"> {
  if (isAble(tool)) {
    return "possible";
  }
  const other = { title: vscode.l10n.t("Choose Another Tool"), command: "createEnvironment" };
  const recreate = { title: vscode.l10n.t("Recreate"), command: "recreateEnvironment" };
  const install = tool.installed ? undefined : toolFix(tool.name);
  const fixes = tool.installed ? [recreate, other] : [...(install === undefined ? [] : [install]), other];
  const message = tool.installed
    ? vscode.l10n.t("All environments that {0} can create here already exist.", tool.name)
    : [vscode.l10n.t("{0} is not installed.", tool.name), ...(install === undefined ? [plainHint(tool.advice)] : [])].join(" ");
  const choice = await vscode.window.showWarningMessage(message, ...fixes.map(({ title }) => title));
  const fix = fixes.find(({ title }) => title === choice);
  if (fix === undefined) {
    return "impossible";
  }
  const done = await vscode.commands.executeCommand(`pythonWorkflow.${fix.command}`, fix === install ? tool.name : place);
  return fix === install && done === true ? "installed" : "impossible";
}

/**
 * Return whether an environment of the name would be recreated: it is in the project's folder, and none of its source
 * folders, which a `.venv` file may name.
 */
function isRecreatable(environment: Environment, root: string, name: string): boolean {
  const { kind, prefix } = environment;
  const isOwn = dirname(prefix) === root && (kind !== "unknown" || basename(prefix) === name || !exists(prefix));
  return isOwn && !isOfMachine(environment);
}

/** Return whether anything exists at the path, even a dangling link. */
function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
