import { expect, test } from "vitest";

import { parseEnvFile } from "../../../../extension/core/envFile.ts";

test.each([
  ["a plain value", "A=1", { A: "1" }],
  ["spaces around it, and an export before it", "  export A = some value  ", { A: "some value" }],
  ["an empty value", "A=", { A: "" }],
  ["what is in single quotes, as it is", "A='x # ${HOME} \\n' # a comment", { A: "x # ${HOME} \\n" }],
  ["what is in double quotes, with its escapes", 'A="one\\ntwo \\"three\\" # four"', { A: 'one\ntwo "three" # four' }],
  ["a comment after a value", "A=1 # one", { A: "1" }],
  ["a hash inside a value", "A=x#y", { A: "x#y" }],
  ["variables of the machine and of further up", "A=${HOME}/a\nB=${A}/b:${GONE}", { A: "/h/a", B: "/h/a/b:" }],
  ["an escaped variable, as it is", "A=\\${HOME}", { A: "${HOME}" }],
  ["the last of several", "A=1\r\nA=2\r\n", { A: "2" }],
  ["no comments, blank lines, or what is no assignment", "\uFEFF# A=1\n\nnothing\n=x\n1A=2", {}],
])("an envFile gives %s", (_, text, expected) => {
  expect(parseEnvFile(text, { HOME: "/h" })).toEqual(expected);
});
