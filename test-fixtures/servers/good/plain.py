"""A base server that keeps to every clause of the specification, with its environments in memory.

Each of ``bad/clauses`` is this one with one clause broken: what a clause is about is a method of its own here.
"""

import json
import os
import sys

LIMIT = 64 * 1024 * 1024
VERSION = "0.1.0"


class Failure(Exception):
    def __init__(self, code, message, violations=()):
        super().__init__(message)
        self.wire = {"code": code, "message": message}
        if violations:
            self.wire["data"] = {"violations": [{"path": p, "message": m} for p, m in violations]}


def text(value, least=1, most=128):
    return isinstance(value, str) and least <= len(value) <= most


def version(value):
    parts = value.split(".") if isinstance(value, str) else []
    return len(parts) in (2, 3) and all(part.isdigit() and str(int(part)) == part for part in parts)


def texts(value):
    return isinstance(value, list) and bool(value) and all(isinstance(one, str) for one in value)


def table(value):
    return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())


class Plain:
    # By method: the members of its params, whether they are required, and what they must be.
    members = {
        "initialize": {
            "client_name": (True, lambda value: text(value, most=255)),
            "client_protocol_version": (True, lambda value: text(value, most=64)),
        },
        "shutdown": {},
        "environment/list": {},
        "environment/get": {"id": (True, text)},
        "environment/create": {
            "name": (True, lambda value: text(value, most=64)),
            "python_version": (True, version),
        },
        "environment/delete": {"id": (True, text)},
        "environment/execute": {
            "id": (True, text),
            "argv": (True, texts),
            "cwd": (False, lambda value: isinstance(value, str)),
            "env": (False, table),
        },
    }

    def __init__(self):
        self.state = "new"
        self.extended = False
        self.environments = {}
        self.add("one", "3.12.4")
        self.add("two", "3.13.0")

    def add(self, name, python):
        self.environments[name] = {
            "id": name,
            "name": name,
            "python_version": python,
            "interpreter_path": os.path.join(os.sep, "envs", name, "bin", "python"),
            "installed_packages": [],
            "extra": {},
        }

    # Bytes.

    def run(self):
        while (body := self.read()) is not None:
            self.take(body)
        self.end_of_input()

    def read(self):
        length = 0
        while line := sys.stdin.buffer.readline(8192):
            if line[:1] in b"{[":
                return line
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
                if length > LIMIT:
                    self.send({"id": None, "error": {"code": -32700, "message": "too large"}})
                    os._exit(1)
            elif not line.strip() and length:
                return sys.stdin.buffer.read(length)
        return None

    def end_of_input(self):
        os._exit(0)

    def send(self, message):
        self.write({"jsonrpc": "2.0", **message})

    def write(self, wire):
        body = json.dumps(wire).encode() + b"\n"
        sys.stdout.buffer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        sys.stdout.buffer.flush()

    # Messages.

    def take(self, body):
        try:
            message = json.loads(body.decode())
        except ValueError:
            self.send({"id": None, "error": {"code": -32700, "message": "not JSON"}})
            return
        if isinstance(message, list) and message:
            said = [one for one in map(self.one, message) if one is not None]
            if said:
                self.write([{"jsonrpc": "2.0", **one} for one in said])
        elif (said := self.one(message)) is not None:
            self.send(said)

    def one(self, message):
        if not isinstance(message, dict) or not isinstance(message.get("method"), str):
            return {"id": None, "error": {"code": -32600, "message": "not a request"}}
        method, params = message["method"], message.get("params") or {}
        if method == "exit" and "id" not in message:
            self.exit()
        if "id" not in message:
            return self.notified(method, params)
        try:
            return {"id": message["id"], "result": self.answer(method, params)}
        except Failure as failure:
            return {"id": message["id"], "error": failure.wire}

    def notified(self, method, params):
        return None

    def answer(self, method, params):
        if self.state == "new" and method != "initialize":
            return self.too_early(method, params)
        if self.state == "done":
            return self.too_late(method, params)
        if self.state == "ready" and method == "initialize":
            return self.again(params)
        return self.in_place(method, params)

    def in_place(self, method, params):
        if method not in self.members:
            return self.unknown(method, params)
        if violations := self.violations(method, params):
            raise Failure(-32602, method + ": the params are wrong", violations)
        return getattr(self, method.replace("/", "_"))(**self.known(method, params))

    def known(self, method, params):
        members = params if method == "initialize" else self.members[method]
        return {name: params[name] for name in members if params.get(name) is not None}

    def violations(self, method, params):
        members = self.members[method]
        found = [(name, "is missing") for name in members if members[name][0] and name not in params]
        for name, (required, fits) in members.items():
            if name in params and not fits(params[name]) and (required or params[name] is not None):
                found.append((name, "is wrong"))
        return found

    # The life cycle.

    def too_early(self, method, params):
        raise Failure(-32002, method + " before initialize")

    def too_late(self, method, params):
        raise Failure(-32600, method + " after shutdown")

    def again(self, params):
        raise Failure(-32600, "a second initialize")

    def unknown(self, method, params):
        raise Failure(-32601, method + " is not bound")

    def initialize(self, **params):
        self.state = "ready"
        self.extended = "client_capabilities" in params
        return {"methods": self.methods(), "protocol_version": VERSION}

    def methods(self):
        return sorted([*self.members, "exit"])

    def shutdown(self):
        self.state = "done"

    def exit(self):
        os._exit(0 if self.state == "done" else 1)

    # Environments.

    def environment_list(self):
        brief = ("id", "name", "python_version")
        found = [{name: one[name] for name in brief} for one in self.environments.values()]
        return sorted(found, key=lambda one: one["id"])

    def environment_get(self, id):
        if id not in self.environments:
            raise Failure(-31001, "no environment has the id " + id)
        return self.environments[id]

    def environment_create(self, name, python_version):
        if name in self.environments:
            raise Failure(-31002, name + " exists")
        self.add(name, python_version)
        return self.environments[name]

    def environment_delete(self, id):
        self.environment_get(id)
        del self.environments[id]
        return {"id": id}

    def environment_execute(self, id, argv, cwd=None, env=None):
        import subprocess

        self.environment_get(id)
        program = sys.executable if argv[0] == "python" else argv[0]
        done = subprocess.run(
            [program, *argv[1:]],
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
        )
        streams = {"stdout": done.stdout, "stderr": done.stderr}
        told = {name: data.decode("utf-8", "replace") for name, data in streams.items()}
        return {"exit_code": done.returncode, **told}


if __name__ == "__main__":
    Plain().run()
