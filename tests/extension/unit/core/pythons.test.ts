import { describe, expect, test } from "vitest";

import { candidatePythons, minorVersion } from "../../../../extension/core/pythons.ts";
import { machine } from "./samples.ts";

const search = { setting: undefined, remembered: undefined, workspace: ["/src/project"] } as const;
const PATH = (...folders: readonly string[]): Record<string, string> => ({ PATH: folders.join(":") });

describe("candidates for the helper's Python", () => {
  test("the setting comes first, then the one remembered, then PATH, then the usual places", () => {
    const here = machine(
      {
        "/opt/mine/python": null,
        "/opt/last/python": null,
        "/tools/python3": null,
        "/usr/bin/python3": null,
        "/home/me/.local/share/uv/python/cpython-3.13.1-linux/bin/python3.13": null,
      },
      { env: PATH("/tools") },
    );
    const found = candidatePythons(here, {
      ...search,
      setting: "/opt/mine/python",
      remembered: "/opt/last/python",
    });
    expect([...found]).toEqual([
      "/opt/mine/python",
      "/opt/last/python",
      "/tools/python3",
      "/usr/bin/python3",
      "/home/me/.local/share/uv/python/cpython-3.13.1-linux/bin/python3.13",
    ]);
  });

  test("what does not exist is no candidate", () => {
    const found = candidatePythons(machine({}), { ...search, setting: "/gone/python" });
    expect([...found]).toEqual([]);
  });

  test("in a folder of PATH the newest named version comes first, and too old ones are left out", () => {
    const here = machine(
      {
        "/bin/python3.9": null,
        "/bin/python3.11": null,
        "/bin/python3.13": null,
        "/bin/python3": "/bin/python3.9",
        "/bin/python": "/bin/python2.7",
      },
      { env: PATH("/bin") },
    );
    expect([...candidatePythons(here, search)]).toEqual(["/bin/python3.13", "/bin/python3.11"]);
  });

  test("two names of one file are one candidate", () => {
    const here = machine(
      { "/bin/python3.12": null, "/bin/python3": "/bin/python3.12", "/other/python3": "/bin/python3.12" },
      { env: PATH("/bin", "/other") },
    );
    expect([...candidatePythons(here, search)]).toEqual(["/bin/python3.12"]);
  });

  test.each([
    ["a relative entry of PATH", PATH("bin", "."), {}],
    ["an empty entry of PATH", PATH("", ""), {}],
    ["an entry inside an open folder", PATH("/src/project/.venv/bin"), {}],
    ["an entry that leads into an open folder", PATH("/link"), { "/link": "/src/project/bin" }],
    ["a program that leads into an open folder", PATH("/home/me/bin"), {}],
  ])("%s is passed over", (_, env, links) => {
    const here = machine(
      {
        "bin/python3": null,
        "./python3": null,
        "/python3": null,
        "/src/project/.venv/bin/python3": null,
        "/link/python3": "/usr/lib/python3",
        "/home/me/bin/python3": "/src/project/bin/python3",
        ...links,
      },
      { env },
    );
    expect([...candidatePythons(here, search)]).toEqual([]);
  });

  test("neither the setting nor what is remembered may lie in an open folder", () => {
    const inside = "/src/project/.venv/bin/python";
    const here = machine({ [inside]: null });
    const found = candidatePythons(here, { ...search, setting: inside, remembered: inside });
    expect([...found]).toEqual([]);
  });

  test("an open folder is compared by where it really is", () => {
    const here = machine(
      { "/work": "/disk/work", "/disk/work/bin/python3": null },
      { env: PATH("/disk/work/bin") },
    );
    expect([...candidatePythons(here, { ...search, workspace: ["/work"] })]).toEqual([]);
  });

  test("a folder beside an open one, with a longer name, is not inside it", () => {
    const here = machine({ "/src/project-tools/python3": null }, { env: PATH("/src/project-tools") });
    expect([...candidatePythons(here, search)]).toEqual(["/src/project-tools/python3"]);
  });

  test.each([
    ["pyenv", "/home/me/.pyenv/shims", "/home/me/.pyenv/versions"],
    ["asdf", "/home/me/.asdf/shims", "/home/me/.asdf/installs/python"],
    ["mise", "/home/me/.local/share/mise/shims", "/home/me/.local/share/mise/installs/python"],
  ])("behind the shims of %s are its versions, the newest first", (_, shims, store) => {
    const here = machine(
      {
        [`${shims}/python3`]: null,
        [`${store}/3.9.18/bin/python3`]: null,
        [`${store}/3.10.4/bin/python3`]: null,
        [`${store}/3.12.1/bin/python3`]: null,
        [`${store}/pypy3.10-7.3/bin/python3`]: null,
      },
      { env: PATH(shims) },
    );
    const found = [...candidatePythons(here, search)];
    expect(found).toEqual([`${store}/3.12.1/bin/python3`, `${store}/3.10.4/bin/python3`]);
  });

  test("on Windows the install folders are looked into, the newest first", () => {
    const local = "C:\\Users\\me\\AppData\\Local";
    const here = machine(
      {
        "C:\\tools\\python.exe": null,
        [`${local}\\Programs\\Python\\Python39\\python.exe`]: null,
        [`${local}\\Programs\\Python\\Python310\\python.exe`]: null,
        [`${local}\\Programs\\Python\\Python312\\python.exe`]: null,
        [`${local}\\Python\\pythoncore-3.14-64\\python.exe`]: null,
        "C:\\Users\\me\\.pyenv\\pyenv-win\\shims\\python.exe": null,
        "C:\\Users\\me\\.pyenv\\pyenv-win\\versions\\3.11.2\\python.exe": null,
        [`${local}\\Microsoft\\WindowsApps\\python.exe`]: null,
      },
      {
        platform: "win32",
        home: "C:\\Users\\me",
        env: { LOCALAPPDATA: local, Path: `"C:\\tools";C:\\Users\\me\\.pyenv\\pyenv-win\\shims;bin` },
      },
    );
    expect([...candidatePythons(here, { ...search, workspace: [] })]).toEqual([
      "C:\\tools\\python.exe",
      "C:\\Users\\me\\.pyenv\\pyenv-win\\versions\\3.11.2\\python.exe",
      `${local}\\Python\\pythoncore-3.14-64\\python.exe`,
      `${local}\\Programs\\Python\\Python312\\python.exe`,
      `${local}\\Programs\\Python\\Python310\\python.exe`,
      `${local}\\Microsoft\\WindowsApps\\python.exe`,
    ]);
  });

  test("on macOS the stub that opens an installer is no candidate, unless the tools are there", () => {
    const stub = { "/usr/bin/python3": null };
    const tools = { "/Library/Developer/CommandLineTools/usr/bin/python3": null };
    const of = (files: Record<string, null>): readonly string[] => [
      ...candidatePythons(machine(files, { platform: "darwin" }), search),
    ];
    expect(of(stub)).toEqual([]);
    expect(of({ ...stub, ...tools })).toEqual(["/usr/bin/python3"]);
  });

  test("nothing but what was asked for is looked at when the first candidate is taken", () => {
    const here = machine({ "/opt/last/python": null }, { list: () => expect.fail("a folder was listed") });
    const [first] = candidatePythons(here, { ...search, remembered: "/opt/last/python" });
    expect(first).toBe("/opt/last/python");
  });

  test.each([
    ["python3.12", 12],
    ["python3", undefined],
    ["Python312", 12],
    ["Python39", 9],
    ["/a/versions/3.10.4/bin/python", 10],
    ["cpython-3.13.1-linux-x86_64-gnu", 13],
    ["pythoncore-3.14-64", 14],
    ["/opt/13.3.7/python", undefined],
    ["python3.12.exe", 12],
  ])("%s tells the minor version %j", (path, minor) => {
    expect(minorVersion(path)).toBe(minor);
  });
});
