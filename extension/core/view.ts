/**
 * The rows of the view "Python Environments": folders, their environments, the packages in these, and the machine's
 * Pythons.
 */
import * as l10n from "@vscode/l10n";

import type { Package } from "../acts.ts";
import type { Answer, Environment } from "../protocol.ts";
import { isInside, type PathDisplay, pathRules, shortenHome, shortenPaths } from "./paths.ts";
import { sourceWords } from "./picker.ts";
import { asSentence, codeSpan, plainLabel, plainMarkdown } from "./displayText.ts";
import { isOfMachine, isRemote } from "./commandTarget.ts";

/** A project: an open folder, or a folder inside it of which a file was opened. */
export interface FolderNode {
  readonly kind: "folder";
  readonly uri: string;
  readonly name: string;
  /** An open folder contains it. */
  readonly nested: boolean;
  readonly answer: Answer;
}

/** An environment of a project. */
export interface EnvironmentNode {
  readonly kind: "environment";
  readonly uri: string;
  readonly environment: Environment;
  /** The answer for the project. */
  readonly answer: Answer;
  /** Why it is out of sync with its lock, where it is. */
  readonly outOfSync?: string;
}

/** A package that an environment holds. */
export interface PackageNode {
  readonly kind: "package";
  readonly uri: string;
  readonly environment: Environment;
  readonly package: string;
  readonly version: string;
}

/** The Pythons of the machine, which are searched for when the row is expanded. */
export interface PythonsNode {
  readonly kind: "pythons";
}

/** A Python of the machine. */
export interface PythonNode {
  readonly kind: "python";
  readonly environment: Environment;
}

/** A message in place of rows, or before them: that there are none, what is missing, or what went wrong. */
export interface NoteNode {
  readonly kind: "note";
  readonly what: "no-environment" | "no-packages" | "no-pythons" | "not-trusted" | "failure";
  readonly uri?: string;
  readonly environment?: Environment;
  /** What went wrong. */
  readonly message?: string;
}

/** A row of the view. */
export type ViewNode = FolderNode | EnvironmentNode | PackageNode | PythonsNode | PythonNode | NoteNode;

/** The parts of a row as VS Code shows it. */
export interface ViewRow {
  /** Unique, and the same when something about the row changes. */
  readonly id: string;
  readonly label: string;
  readonly description: string;
  /** Markdown. */
  readonly tooltip: string;
  /** A codicon, and a color of the theme. The states differ in shape already. */
  readonly icon: { readonly name: string; readonly color?: string };
  /** Words for the `when` clauses of menus: its kind, then its state. */
  readonly context: string;
  readonly rows: "none" | "closed" | "open";
  /** The label for screen readers. */
  readonly spoken: string;
  /** The command that a click runs with the row. */
  readonly click?: string;
}

/** Return the projects of the window: each open folder, followed by the nested projects that the user visited, by path. */
export function projects(
  folders: readonly { readonly uri: string; readonly path: string; readonly name: string; readonly answer: Answer }[],
  known: readonly Answer[],
  platform: NodeJS.Platform,
  toUri: (path: string) => string,
): readonly FolderNode[] {
  const shown = new Set(folders.flatMap(({ path, answer }) => [path, answer.root]));
  const nested = new Map<string, Answer>();
  for (const answer of known) {
    // A script with metadata of its own is no project.
    const isScript = answer.environment?.source === "script";
    if (!isScript && !shown.has(answer.root) && !nested.has(answer.root)) {
      nested.set(answer.root, answer);
    }
  }
  const rules = pathRules(platform);
  return folders.flatMap(({ answer, name, path, uri }): readonly FolderNode[] => [
    { kind: "folder", uri, name, nested: false, answer },
    ...[...nested]
      .filter(([root]) => isInside(platform, path, root))
      .sort(([left], [right]) => left.localeCompare(right))
      .map(([root, found]): FolderNode => {
        // It is listed once, where folders that contain each other are open.
        nested.delete(root);
        const below = rules.relative(path, root);
        return { kind: "folder", uri: toUri(root), name: rules.join(name, below), nested: true, answer: found };
      }),
  ]);
}

/** Return the rows of a project; a note where it has no environment. */
export function environmentNodes(
  folder: FolderNode,
  environments: readonly Environment[],
  outOfSync: string | undefined,
): readonly ViewNode[] {
  const { answer, uri } = folder;
  if (environments.length === 0) {
    return [{ kind: "note", what: "no-environment", uri }];
  }
  return environments.map((environment): EnvironmentNode => ({
    kind: "environment",
    uri,
    environment,
    answer,
    ...(environment.default && outOfSync !== undefined ? { outOfSync } : {}),
  }));
}

/** Return the rows of an environment; a note where nothing is installed. */
export function packageNodes(
  { environment, uri }: EnvironmentNode,
  packages: readonly Package[],
): readonly ViewNode[] {
  return packages.length === 0
    ? [{ kind: "note", what: "no-packages", uri, environment }]
    : packages.map(({ name, version }): PackageNode => ({ kind: "package", uri, environment, package: name, version }));
}

/** Return the rows of the machine; a note where it has no Python. */
export function pythonNodes(pythons: readonly Environment[]): readonly ViewNode[] {
  return pythons.length === 0
    ? [{ kind: "note", what: "no-pythons" }]
    : pythons.map((environment): PythonNode => ({ kind: "python", environment }));
}

/** Return the row of a node. */
export function viewRow(node: ViewNode, display: PathDisplay): ViewRow {
  switch (node.kind) {
    case "folder":
      return folderRow(node, display);
    case "environment":
      return environmentRow(node, display);
    case "package":
      return packageRow(node);
    case "pythons":
      return pythonsRow();
    case "python":
      return pythonRow(node, display);
    case "note":
      return noteRow(node);
  }
}

function folderRow({ answer, name, nested, uri }: FolderNode, display: PathDisplay): ViewRow {
  const workflow = answer.workflow?.name ?? "";
  const label = plainLabel(name);
  return {
    id: `folder ${uri}`,
    label,
    description: plainLabel(workflow),
    tooltip: paragraphs(codeSpan(shortened(answer.root, display)), why(answer, display)),
    icon: { name: nested ? "folder-library" : "folder" },
    context: "folder",
    rows: "open",
    spoken: spoken(label, nested ? l10n.t("project") : l10n.t("folder"), workflow),
  };
}

function environmentRow(node: EnvironmentNode, display: PathDisplay): ViewRow {
  const { answer, outOfSync, environment, uri } = node;
  const { python_version: version, status } = environment;
  const label = plainLabel(environment.name);
  const usable = status.state === "ok";
  const trouble = usable
    ? outOfSync === undefined
      ? ""
      : l10n.t("Out of date: {0}", asSentence(shortenPaths(outOfSync, answer.root, display)))
    : asSentence(shortenPaths(status.message, answer.root, display));
  const state = stateWords(node);
  return {
    id: `environment ${uri} ${environment.prefix}`,
    label,
    description: [version ?? "", ...state].filter(Boolean).join(", "),
    tooltip: paragraphs(
      `**${plainMarkdown(label)}**${version === null ? "" : ` · Python ${plainMarkdown(version)}`}`,
      environment.default ? why(answer, display) : plainMarkdown(asSentence(sourceWords(environment.source))),
      trouble === "" ? "" : `$(${iconOf(node).name}) ${plainMarkdown(trouble)}`,
      codeSpan(shortened(environment.interpreter_path ?? environment.prefix, display)),
    ),
    icon: iconOf(node),
    context: [isOfMachine(environment) ? "python" : "environment", usable ? "usable" : status.state]
      .concat(environment.default ? ["default"] : [], usable && outOfSync !== undefined ? ["out-of-sync"] : [], isRemote(environment) ? ["remote"] : [])
      .join(" "),
    rows: usable && !isRemote(environment) ? "closed" : "none",
    spoken: spoken(label, version === null ? "" : `Python ${version}`, ...state, l10n.t("environment"), trouble),
    ...(status.state === "broken" && !isOfMachine(environment) ? { click: "pythonWorkflow.recreateEnvironment" } : {}),
  };
}

/** Return the state of an environment in single words, for the row and for screen readers. */
function stateWords({ outOfSync, environment }: EnvironmentNode): readonly string[] {
  return [
    ...(environment.default ? [l10n.t("default")] : []),
    ...(environment.source === "selected" ? [l10n.t("selected")] : []),
    ...(isRemote(environment) ? [l10n.t("remote")] : []),
    ...(environment.status.state === "broken" ? [l10n.t("broken")] : []),
    ...(environment.status.state === "unsupported" ? [l10n.t("unsupported")] : []),
    ...(environment.status.state === "ok" && outOfSync !== undefined ? [l10n.t("out of date")] : []),
  ];
}

function iconOf({ outOfSync, environment }: EnvironmentNode): ViewRow["icon"] {
  switch (environment.status.state) {
    case "broken":
      return { name: "error", color: "problemsErrorIcon.foreground" };
    case "unsupported":
      return { name: "circle-slash", color: "disabledForeground" };
    case "ok":
      if (outOfSync !== undefined) {
        return { name: "sync", color: "problemsWarningIcon.foreground" };
      }
      if (isRemote(environment)) {
        return { name: "remote" };
      }
      return environment.default ? { name: "pass-filled", color: "testing.iconPassed" } : { name: "circle-large-outline" };
  }
}

function packageRow({ environment, package: name, uri, version }: PackageNode): ViewRow {
  const label = plainLabel(name);
  return {
    id: `package ${uri} ${environment.prefix} ${name}`,
    label,
    description: plainLabel(version),
    tooltip: `**${plainMarkdown(label)}** ${plainMarkdown(version)}`,
    icon: { name: "package" },
    context: "package",
    rows: "none",
    spoken: spoken(label, version, l10n.t("package")),
  };
}

function pythonsRow(): ViewRow {
  const label = l10n.t("Pythons of this machine");
  return {
    id: "pythons",
    label,
    description: "",
    tooltip: l10n.t("Expand to search for Pythons on this machine."),
    icon: { name: "vm" },
    context: "pythons",
    rows: "closed",
    spoken: label,
  };
}

function pythonRow({ environment }: PythonNode, display: PathDisplay): ViewRow {
  const { interpreter_path: interpreter, prefix, python_version: version, status } = environment;
  const path = interpreter ?? prefix;
  const usable = status.state === "ok";
  const label = plainLabel(version === null ? environment.name : `Python ${version}`);
  const trouble = usable ? "" : asSentence(status.message);
  return {
    id: `python ${path}`,
    label,
    description: shortened(path, display),
    tooltip: paragraphs(`**${plainMarkdown(label)}**`, plainMarkdown(trouble), codeSpan(shortened(path, display))),
    icon: usable ? { name: "python" } : { name: "circle-slash", color: "disabledForeground" },
    context: usable ? "python usable" : `python ${status.state}`,
    rows: "none",
    spoken: spoken(label, shortened(path, display), trouble),
  };
}

function noteRow({ environment, message, uri, what }: NoteNode): ViewRow {
  const text = noteText(what, message);
  return {
    id: `note ${what} ${uri ?? ""} ${environment?.prefix ?? ""}`,
    label: text,
    description: "",
    tooltip: plainMarkdown(text),
    icon: noteIcon(what),
    context: what,
    rows: "none",
    spoken: text,
    ...clickOf(what),
  };
}

function noteIcon(what: NoteNode["what"]): ViewRow["icon"] {
  switch (what) {
    case "failure":
      return { name: "error", color: "problemsErrorIcon.foreground" };
    case "not-trusted":
      return { name: "shield" };
    case "no-environment":
    case "no-packages":
    case "no-pythons":
      return { name: "info" };
  }
}

function clickOf(what: NoteNode["what"]): { readonly click?: string } {
  switch (what) {
    case "no-environment":
      return { click: "pythonWorkflow.createEnvironment" };
    case "not-trusted":
      return { click: "workbench.trust.manage" };
    case "failure":
      return { click: "pythonWorkflow.showLog" };
    case "no-packages":
    case "no-pythons":
      return {};
  }
}

function noteText(what: NoteNode["what"], message = ""): string {
  switch (what) {
    case "no-environment":
      return l10n.t("No environment");
    case "no-packages":
      return l10n.t("Nothing is installed");
    case "no-pythons":
      return l10n.t("No Python was found");
    case "not-trusted":
      return l10n.t("Manage Workspace Trust");
    case "failure":
      return asSentence(message);
  }
}

function why(answer: Answer, display: PathDisplay): string {
  return plainMarkdown(asSentence(shortenPaths(answer.summary, answer.root, display)));
}

function shortened(path: string, { home, platform }: PathDisplay): string {
  return shortenHome(platform, home, path);
}

function paragraphs(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("\n\n");
}

function spoken(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(", ");
}
