import { expect, test } from "vitest";

import { fixFor } from "../../../../extension/core/fixes.ts";

test.each([
  ["not_found", "createEnvironment"],
  ["broken", "recreateEnvironment"],
  ["already_exists", "recreateEnvironment"],
  ["lock_outdated", "syncEnvironment"],
  ["tool_not_installed", "createEnvironment"],
  ["environment_not_found", "selectInterpreter"],
  ["server_exited", "chooseWorkflow"],
  ["not_trusted", "workbench.trust.manage"],
])("the failure %s is mended by %s", (code, command) => {
  expect(fixFor(code)?.command).toBe(command);
});

test("a failure that nothing of ours mends has no button for that", () => {
  expect(fixFor("network_unavailable")).toBeUndefined();
  expect(fixFor(undefined)).toBeUndefined();
});
