/** The report of "Copy Diagnostics", for a bug report; it is not translated. */
import type { AboutResult, Answer, ExplainResult } from "../protocol.ts";
import { isTable } from "./decode.ts";
import { codeBlock, codeSpan } from "./displayText.ts";
import { answerLine, trailLines } from "./explanation.ts";

/** Another extension. */
export interface ExtensionFacts {
  readonly id: string;
  readonly version: string;
  readonly active: boolean;
}

/** An open folder. */
export interface FolderFacts {
  /** Its path, or its URI where it is on no disk of this machine. */
  readonly path: string;
  readonly answer: Answer | undefined;
  /** The trail, or the reason why there is none. */
  readonly explained: ExplainResult | string;
}

/** The content of the report, not masked yet. */
export interface Facts {
  /** Names and versions of the editor, the extension and the system. */
  readonly versions: Readonly<Record<string, string>>;
  /** The helper's report about itself, or the reason why there is none. */
  readonly about: AboutResult | string;
  readonly folders: readonly FolderFacts[];
  /** The settings of this extension that were changed, with their values. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly neighbors: readonly ExtensionFacts[];
  /** The last lines of the log. */
  readonly log: string;
}

/** Return the report as Markdown. It is neither masked nor escaped: masking comes next, and needs the plain text. */
export function diagnosticsDocument({ about, folders, log, neighbors, settings, versions }: Facts): string {
  const helper = typeof about === "string" ? { Helper: about } : helperFacts(about);
  const tools = typeof about === "string" ? [] : about.tools;
  return `${[
    "# Python Workflow: diagnostics",
    "",
    ...Object.entries({ ...versions, ...helper }).map(([name, value]) => `- ${name}: ${codeSpan(value)}`),
    ...section("Folders", folders.length === 0 ? ["None is open."] : folders.flatMap(folderLines)),
    ...section("Changed settings", Object.keys(settings).length === 0 ? ["None."] : [codeBlock(JSON.stringify(settings, undefined, 2))]),
    ...section(
      "Tools on PATH",
      tools.map(({ name, program, version }) => `- ${name}${version === null ? "" : ` ${version}`}: ${codeSpan(program)}`),
    ),
    ...section(
      "Other extensions for Python",
      neighbors.map(({ active, id, version }) => `- ${id} ${version}${active ? "" : " (not active)"}`),
    ),
    ...section("The log's last lines", log.trim() === "" ? [] : [codeBlock(log.trim())]),
  ].join("\n")}\n`;
}

/** Return whether an extension has to do with Python, by its manifest; built-in ones do not count. */
export function isAboutPython(manifest: unknown): boolean {
  if (!isTable(manifest) || manifest["isBuiltin"] === true) {
    return false;
  }
  const words = ["keywords", "activationEvents", "categories"].flatMap((key) => manifest[key] ?? []);
  return [manifest["name"], manifest["displayName"], ...words].some(
    (word) => typeof word === "string" && /(^|\W)(python|jupyter|pylance|ruff|mypy)($|\W)/i.test(word),
  );
}

/** Return the last lines of a text. */
export function lastLines(text: string, count: number): string {
  return text.trimEnd().split("\n").slice(-count).join("\n");
}

function helperFacts({ executable, platform, python, version }: AboutResult): Readonly<Record<string, string>> {
  return { Helper: `${version} on ${python}, ${executable}`, "Helper's platform": platform };
}

function folderLines({ answer, explained, path }: FolderFacts): readonly string[] {
  const lines = [
    answer === undefined ? "No answer." : answerLine(answer),
    ...((answer?.trouble?.output ?? "") === "" ? [] : ["Its workflow wrote:", answer?.trouble?.output ?? ""]),
    ...(typeof explained === "string"
      ? [`No trail: ${explained}`]
      : [workflowLine(explained), ...trailLines(explained.trail)]),
  ];
  return [codeSpan(path), "", codeBlock(lines.join("\n")), ""];
}

function workflowLine({ workflow }: ExplainResult): string {
  if (workflow === null) {
    return "workflow: none";
  }
  const { declared_in: file, name, rule, trusted } = workflow;
  return `workflow: ${name} (${rule})${file === null ? "" : `, declared in ${file}`}${trusted ? "" : ", not trusted"}`;
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return ["", `## ${title}`, "", ...(lines.length === 0 ? ["None."] : lines)];
}
