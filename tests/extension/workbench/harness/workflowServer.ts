/** A workflow server, as a project or a user would write one. */
export interface ServerOptions {
  /** Python that runs when the server starts, before it speaks. */
  readonly first?: string;
}

/**
 * The source of a server that keeps its environments in `envs` beside itself: it lists them, makes them, and notes in
 * the file `was-run` that it was started.
 */
export function workflowServer({ first = "" }: ServerOptions = {}): string {
  return `# /// script
# requires-python = ">=3.10"
# dependencies = []
# ///
import json, os, subprocess, sys

FOLDER = os.environ.get("PYTHON_WORKFLOW_SCRIPT_DIR") or os.path.dirname(os.path.abspath(__file__))
ENVS = os.path.join(FOLDER, "envs")
with open(os.path.join(FOLDER, "was-run"), "a") as file:
    file.write("started\\n")
${first}

class Refusal(Exception):
    pass


def environment(name):
    with open(os.path.join(ENVS, name, "pyvenv.cfg")) as file:
        keys = dict(line.strip().split(" = ", 1) for line in file if " = " in line)
    version = keys.get("version_info") or keys["version"]
    return {"id": name, "name": name, "python_version": ".".join(version.split(".")[:3]),
            "interpreter_path": os.path.join(ENVS, name, "bin", "python"),
            "installed_packages": [], "extra": {}}


def answer(method, params):
    if method == "initialize":
        methods = ["create", "get", "list"]
        return {"methods": ["exit", "initialize", "shutdown", *("environment/" + one for one in methods)],
                "protocol_version": "0.1.0"}
    if method == "environment/list":
        names = sorted(os.listdir(ENVS)) if os.path.isdir(ENVS) else []
        return [{key: environment(name)[key] for key in ("id", "name", "python_version")} for name in names]
    if method == "environment/get":
        return environment(params["id"])
    if method == "environment/create":
        if os.path.exists(os.path.join(ENVS, params["name"])):
            raise Refusal(-31002, params["name"] + " exists already")
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", os.path.join(ENVS, params["name"])], check=True)
        return environment(params["name"])


for line in sys.stdin:
    if not line.startswith("{"):
        continue
    message = json.loads(line)
    if message["method"] == "exit":
        break
    try:
        said = {"result": answer(message["method"], message.get("params", {}))}
    except Refusal as refusal:
        code, reason = refusal.args
        said = {"error": {"code": code, "message": reason}}
    print(json.dumps({"jsonrpc": "2.0", "id": message.get("id"), **said}), flush=True)
`;
}
