/** The tests of a project as a tree of folders, files, classes, tests and their cases. */
import type { DiscoverTestsResult, FoundTest } from "../testActs.ts";
import { isInside, pathRules } from "./paths.ts";

/** A row of the tree. */
export interface TestNode {
  /** Unique in the project, and the same after each discovery. */
  readonly key: string;
  readonly label: string;
  /** The argument that runs it, and all below it. */
  readonly name: string;
  /** Absolute. */
  readonly file: string | undefined;
  /** From 1. */
  readonly line: number | undefined;
  /** The framework's id, where it is a test or a case. */
  readonly id: string | undefined;
  /** Its position among the cases of one test, which share a line. */
  readonly position: number | undefined;
  /** Why it cannot be collected. */
  readonly error: string | undefined;
  readonly children: readonly TestNode[];
}

/** A row that is being built. */
interface Growing {
  readonly key: string;
  readonly label: string;
  readonly name: string;
  readonly file: string | undefined;
  line: number | undefined;
  id: string | undefined;
  readonly position: number | undefined;
  error: string | undefined;
  readonly below: Map<string, Growing>;
}

/** One step of the path from the project to a test. */
interface PathStep {
  /** A folder or a file, a class or a test in one, or a case of a test. */
  readonly kind: "path" | "part" | "case";
  readonly label: string;
  readonly name: string;
  readonly file: string;
}

/** The part of a discovery's result that the tree needs. */
export type Found = Pick<DiscoverTestsResult, "root" | "base" | "framework" | "tests" | "unusable">;

/** Return the top rows of a project, in the order in which the tests were found. */
export function testTree(found: Found, platform: NodeJS.Platform): readonly TestNode[] {
  const top = new Map<string, Growing>();
  for (const test of found.tests) {
    const last = grown(top, steps(found, test, platform), test.line ?? undefined);
    if (last !== undefined) {
      last.id = test.id;
    }
  }
  for (const { detail, file, line, message } of found.unusable) {
    const way = file !== null && isInside(platform, found.root, file) ? fileSteps(found.root, file, platform) : [];
    const last = grown(top, way, line ?? undefined);
    if (last !== undefined) {
      last.error = [message, ...(detail === null || detail === message ? [] : [detail])].join("\n\n");
      last.line = line ?? last.line;
    }
  }
  return finished(top);
}

/** Return the collection errors that belong to no file of the project: the row of the project shows them. */
export function troubleOutside({ root, unusable }: Found, platform: NodeJS.Platform): readonly string[] {
  return unusable.filter(({ file }) => file === null || !isInside(platform, root, file)).map(({ message }) => message);
}

/** Return all tests of these rows; a test with cases is replaced by them. */
export function leaves(nodes: readonly TestNode[]): readonly TestNode[] {
  return nodes.flatMap((node) => (node.children.length === 0 ? (node.id === undefined ? [] : [node]) : leaves(node.children)));
}

/**
 * Return the rows to run: those that are requested without those that are excluded, each as a whole where nothing in it
 * is excluded.
 *
 * @param included keys; undefined for all
 * @param excluded keys
 */
export function selected(
  nodes: readonly TestNode[],
  included: ReadonlySet<string> | undefined,
  excluded: ReadonlySet<string>,
): readonly TestNode[] {
  return nodes.flatMap((node) => {
    if (excluded.has(node.key)) {
      return [];
    }
    if (included !== undefined && !included.has(node.key)) {
      return selected(node.children, included, excluded);
    }
    return holds(node, excluded) ? selected(node.children, undefined, excluded) : [node];
  });
}

/**
 * Return the runner's arguments for rows: their names, or their files where these are too long for a command line.
 *
 * @param limit characters
 */
export function namesOf(nodes: readonly TestNode[], limit: number): readonly string[] {
  const names = nodes.map(({ name }) => name);
  const length = names.reduce((sum, name) => sum + name.length + 3, 0);
  return length <= limit ? names : [...new Set(nodes.map(({ file, name }) => file ?? name))];
}

function holds(node: TestNode, keys: ReadonlySet<string>): boolean {
  return keys.size > 0 && node.children.some((child) => keys.has(child.key) || holds(child, keys));
}

function steps(found: Found, test: FoundTest, platform: NodeJS.Platform): readonly PathStep[] {
  return found.framework === "unittest" ? unittestSteps(found, test, platform) : pytestSteps(found, test, platform);
}

/**
 * Return the steps to a test of pytest: its id names the place where it is collected, which is not always where it is
 * written.
 */
function pytestSteps({ base, root }: Found, { id }: FoundTest, platform: NodeJS.Platform): readonly PathStep[] {
  const at = id.indexOf("::");
  const path = at < 0 ? id : id.slice(0, at);
  const rest = at < 0 ? "" : id.slice(at + 2);
  // What stands in the brackets may look like anything.
  const bracket = rest.endsWith("]") ? rest.indexOf("[") : -1;
  const head = bracket < 0 ? rest : rest.slice(0, bracket);
  const file = pathRules(platform).join(base, path);
  let name = file;
  const inFile = (head === "" ? [] : head.split("::")).map((label) => {
    name = `${name}::${label}`;
    return { kind: "part", label, name, file } as const;
  });
  const cases = bracket < 0 ? [] : [{ kind: "case", label: caseLabel(rest.slice(bracket)), name: `${name}${rest.slice(bracket)}`, file } as const];
  return [...fileSteps(root, file, platform), ...inFile, ...cases];
}

/** Return the label of a case: the text in its brackets, with the brackets where that would be invisible. */
function caseLabel(bracketed: string): string {
  const label = bracketed.slice(1, -1);
  return label.trim() === "" ? bracketed : label;
}

function unittestSteps({ root }: Found, { file: written, id }: FoundTest, platform: NodeJS.Platform): readonly PathStep[] {
  const parts = id.split(".");
  const [test = id] = parts.slice(-1);
  const [owner] = parts.slice(-2, -1);
  const rules = pathRules(platform);
  // A test that is inherited may be written in a library.
  const own = written !== null && isInside(platform, root, written);
  const file = own ? written : `${rules.join(root, ...parts.slice(0, -2))}.py`;
  const name = parts.slice(0, -1).join(".");
  const inClass = owner === undefined ? [] : [{ kind: "part", label: owner, name, file } as const];
  return [...fileSteps(root, file, platform), ...inClass, { kind: "part", label: test, name: id, file }];
}

/** Return the steps to a file: its folders, and the file. */
function fileSteps(root: string, file: string, platform: NodeJS.Platform): readonly PathStep[] {
  const rules = pathRules(platform);
  if (!isInside(platform, root, file)) {
    return [{ kind: "path", label: file, name: file, file }];
  }
  let path = root;
  return rules
    .relative(root, file)
    .split(rules.sep)
    .map((label) => {
      path = rules.join(path, label);
      return { kind: "path", label, name: path, file: path };
    });
}

/** Add the missing rows of a path, and return the last one. */
function grown(top: Map<string, Growing>, way: readonly PathStep[], line: number | undefined): Growing | undefined {
  let rows = top;
  let last: Growing | undefined;
  for (const { file, kind, label, name } of way) {
    const position = kind === "case" ? rows.size : undefined;
    last = rows.get(name) ?? {
      ...{ key: name, label, name, file, line: undefined, id: undefined, position, error: undefined },
      below: new Map(),
    };
    // A class, or a test with cases, begins no later than the first that is in it.
    if (kind !== "path" && line !== undefined) {
      last.line = Math.min(last.line ?? line, line);
    }
    rows.set(name, last);
    rows = last.below;
  }
  return last;
}

function finished(rows: ReadonlyMap<string, Growing>): readonly TestNode[] {
  return [...rows.values()].map(({ below, ...row }) => ({ ...row, children: finished(below) }));
}
