import { describe, expect, test } from "vitest";

import { changedVariables, contestedShell, plainProcess } from "../../../../extension/core/processes.ts";

const ENV = { unset: ["PYTHONHOME"], set: { VIRTUAL_ENV: "/p/.venv" }, prepend_path: ["/p/.venv/bin"] };
const HOW = { argv: ["/p/.venv/bin/python", "/p/main.py"], cwd: "/p", env: ENV };

describe("the variables of a process", () => {
  test("the environment's programs come first on PATH, and the rest of it stays", () => {
    expect(changedVariables(ENV, { PATH: "/usr/bin:/bin" }, "linux")).toEqual({
      VIRTUAL_ENV: "/p/.venv",
      PATH: "/p/.venv/bin:/usr/bin:/bin",
    });
  });

  test("a variable goes only where it is", () => {
    expect(changedVariables(ENV, { PYTHONHOME: "/old" }, "linux")).toMatchObject({ PYTHONHOME: null, PATH: "/p/.venv/bin" });
  });

  test("what is set after it was unset is set", () => {
    const changes = { unset: ["A"], set: { A: "new" }, prepend_path: [] };
    expect(changedVariables(changes, { A: "old" }, "linux")).toEqual({ A: "new" });
  });

  test("on Windows a name is spelled as it was", () => {
    const changes = { unset: ["pythonhome"], set: {}, prepend_path: ["C:\\p\\Scripts"] };
    expect(changedVariables(changes, { Path: "C:\\Windows", PYTHONHOME: "C:\\old" }, "win32")).toEqual({
      Path: "C:\\p\\Scripts;C:\\Windows",
      PYTHONHOME: null,
    });
  });
});

describe("a shell where terminals have the variables of another environment", () => {
  test("gets its own through env, and does not have them renewed by the editor", () => {
    const { args, env, program } = contestedShell(HOW, "/bin/zsh", { PATH: "/bin" }, "linux");
    expect([program, env]).toEqual(["/usr/bin/env", {}]);
    expect(args).toEqual(
      ["-u", "VSCODE_ENV_APPEND", "-u", "VSCODE_ENV_PREPEND", "-u", "VSCODE_ENV_REPLACE"].concat(
        ["VIRTUAL_ENV=/p/.venv", "PATH=/p/.venv/bin:/bin", "/bin/zsh"],
      ),
    );
  });

  test("is a login shell on macOS, as terminals are there", () => {
    expect(contestedShell(HOW, "/bin/zsh", {}, "darwin").args.slice(-2)).toEqual(["/bin/zsh", "-l"]);
  });
});

describe("a plain process", () => {
  test("is the program itself, with the variables that change", () => {
    expect(plainProcess(HOW, { PATH: "/bin" }, "linux", false)).toEqual({
      program: "/p/.venv/bin/python",
      args: ["/p/main.py"],
      cwd: "/p",
      env: { VIRTUAL_ENV: "/p/.venv", PATH: "/p/.venv/bin:/bin" },
    });
  });

  test("goes through env where a variable has to go, which the editor cannot do", () => {
    const { args, env, program } = plainProcess(HOW, { PATH: "/bin", PYTHONHOME: "/old" }, "darwin", false);
    expect(program).toBe("/usr/bin/env");
    expect(env).toEqual({});
    expect(args).toEqual(
      ["-u", "PYTHONHOME", "VIRTUAL_ENV=/p/.venv", "PATH=/p/.venv/bin:/bin", "/p/.venv/bin/python", "/p/main.py"],
    );
  });

  test("goes through env where another environment's variables would be put on top", () => {
    expect(plainProcess(HOW, {}, "linux", true).program).toBe("/usr/bin/env");
  });

  test("where env cannot be used, a variable that has to go becomes empty", () => {
    expect(plainProcess(HOW, { PYTHONHOME: "C:\\old" }, "win32", true)).toMatchObject({
      program: "/p/.venv/bin/python",
      env: { PYTHONHOME: "" },
    });
    const odd = { ...HOW, argv: ["/a=b/bin/python"] };
    expect(plainProcess(odd, { PYTHONHOME: "/old" }, "linux", true)).toMatchObject({
      program: "/a=b/bin/python",
      env: { PYTHONHOME: "" },
    });
  });
});
