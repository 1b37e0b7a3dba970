"""A stand-in for pixi 0.81: see README.md."""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

#: From reports in pixi's issue tracker (2025 and 2026) and its documentation.
SAYS = {
    "made": "✔ The {environment} environment has been installed.\n",
    "stale": "Error:   × lock file not up-to-date with the workspace\n\n",
    "unknown": "Error:   × unknown environment '{environment}' in {manifest}\n",
    "offline": "Error:   × failed to solve requirements of environment '{environment}' for platform 'linux-64'\n"
    "  ├─▶   × Request failed after 3 retries\n  │   \n"
    "  ├─▶ error sending request for url ({channel}/linux-64/repodata.json.zst)\n"
    "  ├─▶ client error (Connect)\n  ├─▶ tcp connect error\n  ╰─▶ Connection refused (os error 111)\n",
    "locking": "✔ Updated lock file\n",
}


def fail(what, **about):
    sys.stderr.write(SAYS[what].format(**about))
    sys.exit(1)


def read(manifest):
    """The sections of a manifest as their lines' keys and values; values stay as they are written."""
    sections, section = {}, ""
    for line in Path(manifest).read_text().splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif "=" in line:
            key, _, value = line.partition("=")
            sections.setdefault(section, {})[key.strip()] = value.strip()
    return sections


def wanted(sections, environment):
    """Name and version of what an environment holds: a feature of its name, and the default one."""
    found = dict(sections.get("dependencies", {}))
    found.update(sections.get(f"feature.{environment}.dependencies", {}))
    return {name: version.strip('"=*. ') or "1.0" for name, version in found.items()}


def parsed(words):
    parser = argparse.ArgumentParser("pixi")
    commands = parser.add_subparsers(dest="command", required=True)
    flags = {
        "install": ["--locked", "--frozen"],
        "list": ["--json", "--locked", "--frozen", "--no-install"],
        "run": ["--locked", "--frozen", "--no-install", "--executable"],
    }
    for name, its in flags.items():
        added = commands.add_parser(name)
        added.add_argument("--manifest-path", required=True)
        added.add_argument("--environment", required=True)
        for flag in its:
            added.add_argument(flag, action="store_true")
        if name == "run":
            added.add_argument("rest", nargs=argparse.REMAINDER)
    return parser.parse_args(words)


def main():
    asked = parsed(sys.argv[1:])
    manifest, environment = Path(asked.manifest_path), asked.environment
    sections = read(manifest)
    names = {"default", *sections.get("environments", {})}
    if environment not in names:
        fail("unknown", environment=environment, manifest=manifest)
    lock = manifest.parent / "pixi.lock"
    contents = json.dumps({name: wanted(sections, name) for name in sorted(names)}, indent=1)
    fresh = lock.is_file() and lock.read_text() == contents
    if asked.locked and not fresh:
        fail("stale")
    prefix = manifest.parent / ".pixi" / "envs" / environment
    if asked.command == "list":
        locked = json.loads(lock.read_text())[environment]
        print(json.dumps([{"name": n, "version": v, "build": "0", "kind": "conda"} for n, v in locked.items()]))
        return 0
    if not asked.frozen:
        channels = sections.get("workspace", {}).get("channels", "")
        if not fresh and "127.0.0.1" in channels:
            fail("offline", environment=environment, channel=channels.strip('[]"'))
        if not fresh:
            lock.write_text(contents)
            sys.stderr.write(SAYS["locking"])
    if not (asked.command == "run" and asked.no_install):
        install(prefix, json.loads(lock.read_text())[environment])
    if asked.command == "run":
        return run(sections, prefix, asked)
    sys.stderr.write(SAYS["made"].format(environment=environment))
    return 0


def install(prefix, packages):
    meta = prefix / "conda-meta"
    meta.mkdir(parents=True, exist_ok=True)
    (prefix / "bin").mkdir(exist_ok=True)
    if Path("hold").exists():
        Path("begun").touch()
    while Path("hold").exists():
        time.sleep(0.01)
    for record in meta.glob("*.json"):
        record.unlink()
    site = prefix / "lib" / "python3.12" / "site-packages"
    for about in site.glob("*.dist-info"):
        (about / "METADATA").unlink()
        about.rmdir()
    for name, version in packages.items():
        (meta / f"{name}-{version}-0.json").write_text("{}")
        if name != "python":
            (site / f"{name}-{version}.dist-info").mkdir(parents=True)
            about = f"Name: {name}\nVersion: {version}\n"
            (site / f"{name}-{version}.dist-info" / "METADATA").write_text(about)
    python = prefix / "bin" / "python"
    if "python" in packages and not python.is_symlink():
        python.symlink_to(sys.executable)


def run(sections, prefix, asked):
    argv = asked.rest
    environ = {**os.environ, "CONDA_PREFIX": str(prefix), "PATH": f"{prefix}/bin:{os.environ['PATH']}"}
    environ["PIXI_ENVIRONMENT_NAME"] = asked.environment
    for name, value in sections.get("activation.env", {}).items():
        environ[name] = value.strip('"')
    tasks = {**sections.get("tasks", {}), **sections.get(f"feature.{asked.environment}.tasks", {})}
    if not asked.executable and argv[0] in tasks:
        argv = ["/bin/sh", "-c", tasks[argv[0]].strip('"') + ' "$@"', *argv]
    return subprocess.run(argv, env=environ).returncode


sys.exit(main())
