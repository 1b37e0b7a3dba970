import { describe, expect, test } from "vitest";

import {
  adapterPython,
  endpoint,
  fileLaunch,
  launchOf,
  launchPlace,
  whyNotDebug,
  whyNotPython,
} from "../../../../extension/core/debugging.ts";

const LAUNCH = { name: "n", type: "pythonWorkflow", request: "launch" };
const ATTACH = { ...LAUNCH, request: "attach" };
const HOW = {
  argv: ["/p/.venv/bin/python"],
  python: "/p/.venv/bin/python",
  cwd: "/p",
  variables: { VIRTUAL_ENV: "/p/.venv", PYTHONHOME: null },
};

describe("a configuration that cannot be used", () => {
  test.each([
    [LAUNCH, '"program", "module" or "code". This one has none.'],
    [{ ...LAUNCH, program: "a.py", module: "a" }, "This one has program, module."],
    [{ ...LAUNCH, request: "start" }, '"start"'],
    [ATTACH, '"connect" or "listen"'],
    [{ ...ATTACH, connect: { port: 0 } }, '"connect" or "listen"'],
    [{ ...ATTACH, processId: 12 }, "--listen 5678"],
  ])("%j is explained", (config, reason) => {
    expect(whyNotDebug(config)).toContain(reason);
  });

  test.each([
    [fileLaunch("/a.py")],
    [{ ...LAUNCH, module: "a", program: "" }],
    [{ ...LAUNCH, code: ["pass"] }],
    [{ ...ATTACH, connect: { port: 5678 } }],
    [{ ...ATTACH, listen: { port: 5678 } }],
    [{ ...ATTACH, host: "h", port: 5678 }],
    [{ ...ATTACH, connect: { port: 1 }, subProcessId: 12 }],
  ])("%j can", (config) => {
    expect(whyNotDebug(config)).toBeUndefined();
  });
});

describe("where a launch gets its environment", () => {
  test.each([
    ["the file", { program: "/p/a.py", cwd: "/q" }, "/p/a.py"],
    ["the file, relative to where it runs", { program: "a.py", cwd: "src" }, "/w/src/a.py"],
    ["where a module runs", { module: "a", cwd: "/q" }, "/q"],
    ["the workspace folder of a module", { module: "a", cwd: "" }, "/w"],
  ])("is %s", (_, more, place) => {
    expect(launchPlace({ ...LAUNCH, ...more }, "/w", "linux")).toBe(place);
  });

  test("is nowhere without a folder and an absolute path", () => {
    expect(launchPlace({ ...LAUNCH, program: "a.py" }, undefined, "linux")).toBeUndefined();
    expect(launchPlace({ ...LAUNCH, program: "C:\\a.py" }, undefined, "win32")).toBe("C:\\a.py");
  });
});

describe("what the debugger is told to launch", () => {
  test("is the environment's Python, in the project, in the terminal", () => {
    expect(launchOf(fileLaunch("/p/a.py"), HOW, {})).toMatchObject({
      program: "/p/a.py",
      python: HOW.argv,
      cwd: "/p",
      console: "integratedTerminal",
      internalConsoleOptions: "neverOpen",
      justMyCode: true,
      env: HOW.variables,
    });
  });

  test("is what the configuration says, where it says something", () => {
    const config = { ...LAUNCH, module: "a", cwd: "/q", console: "internalConsole", justMyCode: false, program: "" };
    const launched = launchOf(config, HOW, {});
    expect(launched).toMatchObject({ module: "a", cwd: "/q", console: "internalConsole", justMyCode: false });
    expect(launched).not.toHaveProperty("program");
    expect(launched).not.toHaveProperty("internalConsoleOptions");
  });

  test("has the variables of the environment, over them those of the file, over them its own", () => {
    const config = { ...LAUNCH, program: "/a.py", envFile: "/p/.env", env: { B: "own", C: null } };
    const launched = launchOf(config, HOW, { VIRTUAL_ENV: "file", A: "file", B: "file" });
    expect(launched["env"]).toEqual({ PYDEVD_DISABLE_FILE_VALIDATION: "1", VIRTUAL_ENV: "file", PYTHONHOME: null, A: "file", B: "own", C: null });
    expect(launched).not.toHaveProperty("envFile");
  });

  test("starts the debugger by the Python itself, where something goes before it", () => {
    const how = { ...HOW, argv: ["/bin/run-in", "env", "/p/.venv/bin/python"] };
    expect(launchOf(fileLaunch("/p/a.py"), how, {})).toMatchObject({ python: how.argv, debugLauncherPython: HOW.python });
    expect(launchOf(fileLaunch("/p/a.py"), HOW, {})).not.toHaveProperty("debugLauncherPython");
  });

  test("is the configuration's own Python, with nothing of an environment", () => {
    const launched = launchOf({ ...LAUNCH, program: "/a.py", python: "/usr/bin/python3" }, undefined, {});
    expect(launched).toMatchObject({ python: "/usr/bin/python3", env: {} });
    expect(launched).not.toHaveProperty("cwd");
  });
});

describe("the debugger's own Python", () => {
  test.each(["3.10.1", "3.14", null])("%s can be debugged", (version) => {
    expect(whyNotPython(".venv", version)).toBeUndefined();
  });

  test.each(["3.9.18", "2.7.18"])("%s cannot, which is said", (version) => {
    expect(whyNotPython(".venv", version)).toContain(`.venv has Python ${version}, but the debugger needs Python 3.10 or newer`);
  });

  test("is the environment's, if that is known to be new enough, else the helper's", () => {
    expect(adapterPython({ path: "/p/python", version: "3.12" }, "/helper")).toBe("/p/python");
    expect(adapterPython({ path: "/p/python", version: "3.9" }, "/helper")).toBe("/helper");
    expect(adapterPython({ path: "/p/python", version: null }, "/helper")).toBe("/helper");
    expect(adapterPython({ path: "/p/python", version: null }, undefined)).toBe("/p/python");
    expect(adapterPython(undefined, undefined)).toBeUndefined();
  });
});

test("a debugger that listens already is connected to, where it is", () => {
  expect(endpoint({ ...ATTACH, connect: { port: 5678 } })).toEqual({ host: "localhost", port: 5678 });
  expect(endpoint({ ...ATTACH, host: "h", port: 1 })).toEqual({ host: "h", port: 1 });
  expect(endpoint({ ...ATTACH, listen: { port: 5678 } })).toBeUndefined();
  expect(endpoint({ ...LAUNCH, port: 5678 })).toBeUndefined();
});
