import { expect, test } from "vitest";

import { contextsOf } from "../../../../extension/core/contexts.ts";
import { answer, environment, nothing } from "./samples.ts";

test("what needs an environment is listed where a project has one, or has one that cannot be used", () => {
  expect(contextsOf([nothing({ offer_create: true })]).hasEnvironments).toBe(false);
  expect(contextsOf([nothing({ offer_create: true }), answer()]).hasEnvironments).toBe(true);
  expect(contextsOf([nothing({ must_ask: true })]).hasEnvironments).toBe(true);
  expect(contextsOf([nothing({ offer_create: true, problem: ".venv is broken" })]).hasEnvironments).toBe(true);
  expect(contextsOf([]).hasEnvironments).toBe(true);
});

test("a selection can be cleared where there is one, none by choice too", () => {
  expect(contextsOf([answer()]).hasSelection).toBe(false);
  expect(contextsOf([answer({ environment: environment({ source: "selected" }) })]).hasSelection).toBe(true);
  expect(contextsOf([nothing()]).hasSelection).toBe(true);
  expect(contextsOf([nothing({ offer_create: true })]).hasSelection).toBe(false);
});
