import * as l10n from "@vscode/l10n";
import { getL10nPseudoLocalized } from "@vscode/l10n-dev";
import { afterEach, expect, test } from "vitest";

import { statusView } from "../../../../extension/core/statusView.ts";
import bundle from "../../../../l10n/bundle.l10n.json" with { type: "json" };
import { answer } from "./samples.ts";

afterEach(() => {
  l10n.config({ contents: {} });
});

test("the parts that do not know VS Code speak its display language once they are given the translation", () => {
  const view = (): string => statusView(answer(), { platform: "linux", home: "/home/me" }).tooltip;
  const english = view();
  // Every text becomes one that a person can still read: accented, and longer.
  l10n.config({ contents: getL10nPseudoLocalized(bundle) });

  expect(english).toContain("Click to select another interpreter.");
  expect(view()).toMatch(/Ƈŀīƈķ/);
  expect(view()).not.toContain("Click");
  // What the helper said stays as it is.
  expect(view()).toContain("It is the project's .venv.");
});
