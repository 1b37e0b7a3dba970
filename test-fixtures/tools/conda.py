"""A stand-in for conda 26: see README.md. Compared with conda 26.7.1 on 29 November 2026, run from its sources."""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

#: From reports in conda's issue tracker (LibMambaUnsatisfiableError: conda-libmamba-solver; 2024 to 2026) and its sources.
SAYS = {
    "made": "Channels:\n - conda-forge\nPlatform: linux-64\nCollecting package metadata (repodata.json): done\n"
    "Solving environment: done\n\nDownloading and Extracting Packages:\n\nPreparing transaction: done\n"
    "Verifying transaction: done\nExecuting transaction: done\n#\n# To activate this environment, use\n#\n"
    "#     $ conda activate {prefix}\n",
    "exists": "\nCondaValueError: prefix already exists: {prefix}\n",
    "unsolvable": "LibMambaUnsatisfiableError: Encountered problems while solving:\n"
    "  - nothing provides requested {spec}\n\nCould not solve for environment specs\n"
    "The following packages are incompatible\n"
    "└─ {spec} does not exist (perhaps a typo or a missing channel).\n",
    "missing": "\nPackagesNotFoundInChannelsError: The following packages are not available from current channels:\n\n"
    "  - {spec}\n\nCurrent channels:\n\n  - https://conda.anaconda.org/conda-forge\n",
    "offline": "Collecting package metadata (repodata.json): failed\n\n"
    "CondaHTTPError: HTTP 000 CONNECTION FAILED for url <{channel}/linux-64/repodata.json>\nElapsed: -\n\n"
    "An HTTP error occurred when trying to retrieve this URL.\n"
    "HTTP errors are often intermittent, and a simple retry will get you on your way.\n'{channel}/linux-64'\n",
    "no channel": "\nUnavailableInvalidChannel: HTTP 404 UNAVAILABLE OR INVALID for channel nowhere <{channel}>\n\n"
    "The channel is not accessible or is invalid.\n",
    "overridden": "WARNING conda.core.solve:_add_specs(949): pinned spec {pin} conflicts with explicit specs.  "
    "Overriding pinned spec.\n",
    "no environment": "\nEnvironmentLocationNotFound: Not a conda environment: {prefix}\n",
    "mismatch": "{name} found but mismatch. Specification pkg: {spec}, Running pkg: {name}=={version}=0",
    "in sync": "Success. All the packages in the specification file are present in the environment "
    "with matching version and build string.",
}
HOME = Path.home()


def fail(what, **about):
    sys.stderr.write(SAYS[what].format(**about))
    sys.exit(1)


def specs_of(file):
    channels, specs, section = [], [], ""
    for line in Path(file).read_text().splitlines():
        if line[:1] not in (" ", "-", "", "#"):
            section = line.partition(":")[0]
        elif line.strip().startswith("- "):
            (channels if section == "channels" else specs).append(line.strip()[2:])
    for channel in channels:
        if channel.startswith("http://127."):
            fail("offline", channel=channel)
        if channel.startswith("file:///nowhere"):
            fail("no channel", channel=channel)
    return specs


def split(spec):
    name, _, version = spec.replace("==", "=").partition("=")
    return name, version


def wait():
    if Path("hold").exists():
        Path("begun").touch()
    while Path("hold").exists():
        time.sleep(0.01)


def put(prefix, specs):
    for spec in specs:
        if split(spec)[0] == "nonesuch":
            fail("unsolvable", spec=spec)
        if spec == "python=3.99":
            fail("missing", spec=spec)
    prefix = Path(prefix)
    (prefix / "conda-meta").mkdir(parents=True, exist_ok=True)
    (prefix / "conda-meta" / "history").touch()
    wait()
    for spec in specs:
        name, version = split(spec)
        take(prefix, [name])
        if name == "python":
            version = version or "3.12"
            version += ".4" if version.count(".") == 1 else ""
            (prefix / "bin").mkdir(exist_ok=True)
            (prefix / "bin" / "python").symlink_to(sys.executable)
        version = version or "1.0"
        (prefix / "conda-meta" / f"{name}-{version}-0.json").write_text("{}")
        if name != "python":
            about = prefix / "lib" / "python3.12" / "site-packages" / f"{name}-{version}.dist-info"
            about.mkdir(parents=True)
            (about / "METADATA").write_text(f"Name: {name}\nVersion: {version}\n")


def pinned(specs):
    """The newest that the file allows, save where a variable pins it; what contradicts the pin goes before it."""
    pin = os.environ.get("CONDA_PINNED_PACKAGES", "")
    asked = next((split(spec)[1] for spec in specs if split(spec)[0] == split(pin)[0]), "")
    if pin and asked and not asked.startswith(split(pin)[1]):
        sys.stderr.write(SAYS["overridden"].format(pin=pin))
        return specs
    return [pin if pin and split(spec)[0] == split(pin)[0] else spec for spec in specs]


def take(prefix, names):
    prefix = Path(prefix)
    for name in names:
        for record in prefix.glob(f"conda-meta/{name}-*-0.json"):
            record.unlink()
        for about in prefix.glob(f"lib/python3.12/site-packages/{name}-*.dist-info"):
            (about / "METADATA").unlink()
            about.rmdir()
        if name == "python":
            (prefix / "bin" / "python").unlink(missing_ok=True)


def have(prefix):
    stems = (record.stem for record in Path(prefix).glob("conda-meta/*-*-*.json"))
    return {stem.rsplit("-", 2)[0]: stem.rsplit("-", 2)[1] for stem in stems}


def register(prefix):
    listing = HOME / ".conda" / "environments.txt"
    listing.parent.mkdir(exist_ok=True)
    with open(listing, "a") as file:
        file.write(f"{prefix}\n")


def known(prefix):
    if not Path(prefix, "conda-meta", "history").is_file():
        fail("no environment", prefix=prefix)


def parsed(words):
    parser = argparse.ArgumentParser("conda")
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name, *flags, file=None, rest=None, of=commands):
        added = of.add_parser(name)
        for flag in flags:
            added.add_argument(flag, action="store_true")
        if name != "info":
            added.add_argument("--prefix", required=True)
        if file:
            added.add_argument(file, **({"required": True} if file[0] == "-" else {}))
        if rest:
            added.add_argument("rest", nargs=rest)

    command("info", "--json")
    command("create", "--yes", "--quiet", rest="+")
    command("install", "--yes", "--quiet", rest="+")
    command("remove", "--yes", "--quiet", rest="+")
    command("compare", "--json", file="file")
    command("run", "--no-capture-output", rest=argparse.REMAINDER)
    env = commands.add_parser("env").add_subparsers(dest="verb", required=True)
    command("create", "--quiet", file="--file", of=env)
    command("update", "--quiet", "--prune", file="--file", of=env)
    return parser.parse_args(words)


def main():
    asked = parsed(sys.argv[1:])
    command = f"env {asked.verb}" if asked.command == "env" else asked.command
    if command == "info":
        print(json.dumps({"conda_version": "26.5.0", "envs_dirs": [str(HOME / "miniforge3" / "envs")]}))
        return 0
    prefix = asked.prefix
    if command in ("create", "env create"):
        if Path(prefix).exists():
            fail("exists", prefix=prefix)
        put(prefix, asked.rest if command == "create" else specs_of(asked.file))
        register(prefix)
    else:
        known(prefix)
    if command == "env update":
        specs = specs_of(asked.file)
        if asked.prune:
            take(prefix, set(have(prefix)) - {split(spec)[0] for spec in specs} - {"python"})
        put(prefix, pinned(specs))
    if command == "install":
        put(prefix, asked.rest)
    if command == "remove":
        take(prefix, asked.rest)
    if command == "compare":
        return compare(prefix, specs_of(asked.file))
    if command == "run":
        return run(prefix, asked.rest)
    print(SAYS["made"].format(prefix=prefix))
    return 0


def compare(prefix, specs):
    said, found = [], have(prefix)
    for spec in specs:
        name, version = split(spec)
        if name not in found:
            said.append(f"{name} not found")
        elif not found[name].startswith(version):
            said.append(SAYS["mismatch"].format(name=name, spec=spec, version=found[name]))
    print(json.dumps(said or [SAYS["in sync"]]))
    return 1 if said else 0


def run(prefix, argv):
    argv = argv[1:] if argv[0] == "--" else argv
    script = 'for one in "$0"/etc/conda/activate.d/*.sh; do . "$one"; done; exec "$@"'
    environ = {**os.environ, "CONDA_PREFIX": prefix, "PATH": f"{prefix}/bin:{os.environ['PATH']}"}
    return subprocess.run(["/bin/sh", "-c", script, prefix, *argv], env=environ).returncode


sys.exit(main())
