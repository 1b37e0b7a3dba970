import { expect, test } from "vitest";

import { type Found, leaves, namesOf, selected, testTree, troubleOutside, type TestNode } from "../../../../extension/core/testTree.ts";
import type { FoundTest } from "../../../../extension/testActs.ts";

function found(ids: readonly (string | [string, number])[], changes: Partial<Found> = {}): Found {
  const tests = ids.map((one): FoundTest => {
    const [id, line] = typeof one === "string" ? [one, null] : one;
    return { id, file: `/src/shop/${id.split("::")[0] ?? ""}`, line };
  });
  return { root: "/src/shop", base: "/src/shop", framework: "pytest", tests, unusable: [], ...changes };
}

/** The labels of rows, indented by their depth. */
function labels(nodes: readonly TestNode[], depth = 0): readonly string[] {
  return nodes.flatMap(({ children, label }) => [`${"  ".repeat(depth)}${label}`, ...labels(children, depth + 1)]);
}

function node(nodes: readonly TestNode[], name: string): TestNode {
  const all = (some: readonly TestNode[]): readonly TestNode[] => some.flatMap((one) => [one, ...all(one.children)]);
  const one = all(nodes).find((some) => some.name === name);
  if (one === undefined) {
    throw new Error(`no ${name}`);
  }
  return one;
}

test("a case of an empty text, or of spaces, has a label that can be seen", () => {
  const [file] = testTree(found(["test_a.py::test_text[]", "test_a.py::test_text[ ]"]), "linux");

  expect(labels(file?.children ?? [])).toEqual(["test_text", "  []", "  [ ]"]);
});

test("folders, files, classes, tests and cases stand below each other, whatever the cases are called", () => {
  const tree = testTree(
    found([
      ["tests/deep/test_a.py::TestOuter::TestInner::test_in", 4],
      ["tests/deep/test_a.py::test_value[a::b]", 9],
      ["tests/deep/test_a.py::test_value[x[y]]", 9],
      ["shop/prices.py::shop.prices.price", 2],
    ]),
    "linux",
  );

  expect(labels(tree)).toEqual([
    "tests",
    "  deep",
    "    test_a.py",
    "      TestOuter",
    "        TestInner",
    "          test_in",
    "      test_value",
    "        a::b",
    "        x[y]",
    "shop",
    "  prices.py",
    "    shop.prices.price",
  ]);
  expect(node(tree, "/src/shop/tests/deep/test_a.py::TestOuter")).toMatchObject({ line: 4, id: undefined });
  expect(node(tree, "/src/shop/tests/deep/test_a.py::test_value[x[y]]")).toMatchObject({
    line: 9,
    position: 1,
    id: "tests/deep/test_a.py::test_value[x[y]]",
  });
  expect(node(tree, "/src/shop/tests/deep/test_a.py").line).toBeUndefined();
});

test("ids that are relative to a folder around the project lead to its own files", () => {
  const tree = testTree(found(["shop/tests/test_a.py::test_it"], { base: "/src" }), "linux");

  expect(labels(tree)).toEqual(["tests", "  test_a.py", "    test_it"]);
  expect(leaves(tree).map(({ name }) => name)).toEqual(["/src/shop/tests/test_a.py::test_it"]);
});

test("tests of unittest stand in the file that they are of, also where a library has written them", () => {
  const tests = [
    { id: "tests.test_a.Case.test_own", file: "/src/shop/tests/test_a.py", line: 3 },
    { id: "tests.test_a.Case.test_inherited", file: "/usr/lib/library.py", line: 90 },
  ];
  const tree = testTree(found([], { framework: "unittest", tests }), "linux");

  expect(labels(tree)).toEqual(["tests", "  test_a.py", "    Case", "      test_own", "      test_inherited"]);
  expect(node(tree, "tests.test_a.Case").children.map(({ name }) => name)).toEqual(tests.map(({ id }) => id));
});

test("a file that cannot be collected has its error and line, and what is no file is the project's own trouble", () => {
  const broken = { id: "test_a.py", file: "/src/shop/test_a.py", line: 2, message: "No module", detail: "Traceback" };
  const outside = { ...broken, file: null, message: "conftest is broken" };
  const discovered = found(["test_b.py::test_it"], { unusable: [broken, outside] });
  const tree = testTree(discovered, "linux");

  expect(node(tree, "/src/shop/test_a.py")).toMatchObject({ error: "No module\n\nTraceback", line: 2, children: [] });
  expect(leaves(tree)).toHaveLength(1);
  expect(troubleOutside(discovered, "linux")).toEqual(["conftest is broken"]);
});

test("what is selected is run as a whole where nothing in it is left out", () => {
  const tree = testTree(found(["a/test_a.py::test_1", "a/test_a.py::test_2", "b/test_b.py::test_3"]), "linux");
  const names = (included: readonly string[] | undefined, excluded: readonly string[] = []): readonly string[] =>
    selected(tree, included && new Set(included), new Set(excluded)).map(({ name }) => name);

  expect(names(undefined)).toEqual(["/src/shop/a", "/src/shop/b"]);
  expect(names(["/src/shop/a"])).toEqual(["/src/shop/a"]);
  expect(names(["/src/shop/a"], ["/src/shop/a/test_a.py::test_1"])).toEqual(["/src/shop/a/test_a.py::test_2"]);
  expect(names(undefined, ["/src/shop/b"])).toEqual(["/src/shop/a"]);
});

test("more names than fit in a command line are their files, each once", () => {
  const tree = leaves(testTree(found(["test_a.py::test_1", "test_a.py::test_2", "test_b.py::test_3"]), "linux"));

  expect(namesOf(tree, 1_000)).toHaveLength(3);
  expect(namesOf(tree, 50)).toEqual(["/src/shop/test_a.py", "/src/shop/test_b.py"]);
});

test("paths of Windows make the same tree", () => {
  const discovered = { ...found(["tests/test_a.py::test_it"]), root: "C:\\src\\shop", base: "C:\\src\\shop" };

  expect(labels(testTree(discovered, "win32"))).toEqual(["tests", "  test_a.py", "    test_it"]);
  expect(leaves(testTree(discovered, "win32")).map(({ name }) => name)).toEqual(["C:\\src\\shop\\tests\\test_a.py::test_it"]);
});
