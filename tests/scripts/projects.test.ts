import { expect, test } from "vitest";

import { projectsOf } from "../../scripts/lib/projects.mjs";

test("a line names a project's version, and what its environment holds beside it", () => {
  expect(projectsOf("# why\n\none==1 --group tests extra\ntwo==2 pytest\n")).toEqual([
    { name: "one", requirement: "one==1", group: "tests", packages: ["extra"] },
    { name: "two", requirement: "two==2", group: undefined, packages: ["pytest"] },
  ]);
});
