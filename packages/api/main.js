"use strict";
// CommonJS with names that are assigned one by one: bundlers and `import` of ES modules find them too.
const { extensions } = require("vscode");

const EXTENSION_ID = "python-workflow.python-workflow";

/** @type {typeof import("./index.d.ts").getApi} */
async function getApi(version) {
  /** @type {import("vscode").Extension<Partial<import("./index.d.ts").PythonWorkflowExports> | undefined> | undefined} */
  const extension = extensions.getExtension(EXTENSION_ID);
  if (extension === undefined) {
    return undefined;
  }
  const offered = extension.isActive ? extension.exports : await extension.activate();
  if (typeof offered?.getApi !== "function") {
    throw new Error("This version of Python Workflow has no API for other extensions: update it.");
  }
  return offered.getApi(version);
}

exports.EXTENSION_ID = EXTENSION_ID;
exports.getApi = getApi;
