// The package index of the tests: what they install is downloaded once, and served to them from this machine.
import { once as event } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";

import { digest, digestOf, once } from "./once.mjs";
import { inCache, inRoot } from "./paths.mjs";
import { run } from "./processes.mjs";
import { step } from "./terminal.mjs";

/**
 * Download every distribution of `tests/index.txt`, from where the machine's own pip takes packages.
 *
 * @param {string} python the development environment's interpreter
 * @returns {Promise<string>} a folder for {@link serving}
 */
export async function setupIndex(python) {
  const list = inRoot("tests", "index.txt");
  const folder = inCache(`index-${digest(process.platform, process.arch, await digestOf(list), makePages)}`);
  await once(folder, async () => {
    const rounds = roundsOf(await readFile(list, "utf8"));
    await step(`Download ${rounds.flat().length} packages for the tests`, async () => {
      const files = join(folder, "files");
      // No ABI of Python's: what is native, as ruff, is for this system and for every Python on it.
      const forEveryPython = ["--only-binary", ":all:", "--implementation", "py", "--abi", "none", "--python-version", "3.10"];
      for (const requirements of rounds) {
        await run(
          [python, "-I", "-m", "pip", "download", "-q", "--no-deps", ...forEveryPython, "-d", files, ...requirements],
          {
            failure: "The packages that the tests install could not be downloaded.",
            hint: "See that the Python package index can be reached, then run this again.",
          },
        );
      }
      await run([python, "-I", "-c", makePages, folder]);
    });
  });
  return folder;
}

/**
 * Split a list of requirements into rounds, none of which has two versions of one distribution: pip cannot download
 * them together.
 *
 * @param {string} text a requirement a line; those that begin with "#" are comments
 * @returns {string[][]}
 */
export function roundsOf(text) {
  /** @type {Map<string, number>} */
  const seen = new Map();
  /** @type {string[][]} */
  const rounds = [];
  for (const requirement of text.split("\n").map((line) => line.trim())) {
    if (requirement !== "" && !requirement.startsWith("#")) {
      const [name = ""] = requirement.split("==");
      const round = seen.get(name) ?? 0;
      seen.set(name, round + 1);
      (rounds[round] ??= []).push(requirement);
    }
  }
  return rounds;
}

/** The Python code that writes a page for each distribution (PEP 503), and beside each wheel its metadata (PEP 658). */
const makePages = `
import email, hashlib, html, pathlib, re, sys, zipfile
folder = pathlib.Path(sys.argv[1])
for wheel in sorted((folder / "files").glob("*.whl")):
    archive = zipfile.ZipFile(wheel)
    metadata = archive.read(next(one for one in archive.namelist() if re.fullmatch(r"[^/]+\\.dist-info/METADATA", one)))
    (wheel.parent / f"{wheel.name}.metadata").write_bytes(metadata)
    python = email.message_from_bytes(metadata).get("Requires-Python", "")
    attributes = f'data-requires-python="{html.escape(python)}"' if python else ""
    for key in ("data-core-metadata", "data-dist-info-metadata"):
        attributes += f' {key}="sha256={hashlib.sha256(metadata).hexdigest()}"'
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    page = folder / "simple" / re.sub(r"[-_.]+", "-", wheel.name.partition("-")[0]).lower()
    page.parent.mkdir(exist_ok=True)
    with page.open("a") as lines:
        lines.write(f'<a href="/files/{wheel.name}#sha256={digest}" {attributes}>{wheel.name}</a><br>\\n')
`;

/**
 * Do something while the index is served to this machine alone.
 *
 * @template T
 * @param {string} folder of {@link setupIndex}
 * @param {(variables: Record<string, string>) => Promise<T>} work is given the variables by which tools find the index
 * @returns {Promise<T>}
 */
export async function serving(folder, work) {
  const server = createServer((request, response) => {
    const [, kind = "", name = ""] = /^\/(simple|files)\/+([\w.-]+)\/?$/.exec(request.url ?? "") ?? [];
    const type = kind === "simple" ? "text/html" : "application/octet-stream";
    void readFile(join(folder, kind, name)).then(
      (content) => response.writeHead(200, { "Content-Type": type }).end(content),
      () => response.writeHead(404).end(),
    );
  });
  server.listen(0, "127.0.0.1");
  await event(server, "listening");
  try {
    return await work(variablesOf(/** @type {import("node:net").AddressInfo} */ (server.address()).port));
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

/** @param {number} port */
function variablesOf(port) {
  const url = `http://127.0.0.1:${port}/simple`;
  // What is on this machine is not reached by way of a proxy.
  const direct = [process.env["NO_PROXY"] ?? process.env["no_proxy"], "127.0.0.1"].filter(Boolean).join(",");
  return {
    PIP_INDEX_URL: url,
    UV_DEFAULT_INDEX: url,
    PDM_PYPI_URL: url,
    PIPENV_PYPI_MIRROR: url,
    NO_PROXY: direct,
    no_proxy: direct,
  };
}
