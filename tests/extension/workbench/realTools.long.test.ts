import { run } from "../../../scripts/lib/processes.mjs";
import { Debugger, terminalAsText, terminalText } from "./harness/debugger.ts";
import { expect, paths, shown, test } from "./harness/index.ts";

const PROJECT = `[project]
name = "demo"
version = "1"
requires-python = ">=3.10"
dependencies = ["iniconfig"]

`;

const MAIN = `import iniconfig


def shout(word):
    return word.upper()


print("it is", shout(iniconfig.__name__))
`;

/** The package index, as pip finds it: Poetry's own default asks for more than other indexes have. */
async function index(): Promise<string> {
  const indexUrl = process.env["PIP_INDEX_URL"];
  if (indexUrl !== undefined) {
    return indexUrl;
  }
  const ask = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)";
  return (await run([paths.python, "-I", "-c", ask])).trim();
}

test.for([
  ["uv", "[tool.uv]\n", /^\.venv 3/],
  ["hatch", '[tool.hatch.envs.default]\nskip-install = true\ndependencies = ["iniconfig"]\n', /^demo 3/],
  ["pdm", "[tool.pdm]\ndistribution = false\n", /^\.venv 3/],
  ["poetry", '[tool.poetry]\npackage-mode = false\n\n[[tool.poetry.source]]\nname = "index"\nurl = "{index}"\n', /^demo-/],
] as const)(
  "a fresh project of %s gets its environment, and a file that imports a dependency is debugged in it",
  async ([tool, table, environment], { machine }) => {
    await machine.addProgram(tool, paths.tools[tool] ?? "");
    await machine.write("demo/pyproject.toml", PROJECT + table.replace("{index}", await index()));
    const main = await machine.write("demo/main.py", MAIN);
    const workbench = await machine.open(machine.folder("demo"), { settings: terminalAsText });
    const debug = new Debugger(workbench);

    await workbench.toast("No Python environment in demo").waitFor();
    await workbench.pressToastButton("No Python environment in demo", "Create Environment");
    await workbench.pick.row(tool).first().waitFor();
    expect((await workbench.pick.rows())[0]).toMatch(new RegExp(`Quick create.*${tool}`));
    await workbench.pick.choose("Quick create");
    await workbench.showsStatus(environment);

    await debug.breakAt(main, 5);
    await workbench.run("Python Workflow: Debug Python File");
    await debug.stopsIn("shout");
    await expect.poll(async () => debug.locals(), shown).toContain("word = 'iniconfig'");
    await workbench.screenshot(`real-${tool}`);
    await debug.goOn();
    await expect.poll(async () => terminalText(workbench), shown).toContain("it is INICONFIG");
    await debug.ends();
  },
);
