/** Values that tests start from and change in one place. */
import type { Machine } from "../../../../extension/core/machine.ts";
import type { Answer, Environment } from "../../../../extension/protocol.ts";

/** A `.venv` that works. */
export function environment(changes: Partial<Environment> = {}): Environment {
  return {
    id: ".venv",
    name: ".venv",
    kind: "venv",
    prefix: "/src/project/.venv",
    interpreter_path: "/src/project/.venv/bin/python",
    python_version: "3.12.4",
    default: true,
    source: ".venv",
    status: { state: "ok", message: "" },
    ...changes,
  };
}

/** A Python of the machine. */
export function systemPython(changes: Partial<Environment> = {}): Environment {
  return environment({
    id: "/usr/bin/python3.13",
    name: "python3.13",
    kind: "system",
    prefix: "/usr",
    interpreter_path: "/usr/bin/python3.13",
    python_version: "3.13.1",
    default: false,
    source: "system",
    ...changes,
  });
}

/** An answer that selects {@link environment}. */
export function answer(changes: Partial<Answer> = {}): Answer {
  return {
    uri: "file:///src/project",
    root: "/src/project",
    workflow: { name: "venv", rule: "W7", declared_in: null, launch: null, trusted: true },
    environment: environment(),
    provisional: false,
    own: true,
    summary: "It is the project's .venv.",
    problem: null,
    trouble: null,
    must_ask: false,
    offer_create: false,
    system: null,
    ...changes,
  };
}

/** An answer for a folder without an environment. */
export function nothing(changes: Partial<Answer> = {}): Answer {
  return answer({
    environment: null,
    own: false,
    summary: "There is no environment here.",
    ...changes,
  });
}

/**
 * A machine with the given interpreters and nothing else.
 *
 * @param files absolute paths; a value is where a link leads, null is a file
 */
export function machine(
  files: Readonly<Record<string, string | null>>,
  changes: Partial<Machine> = {},
): Machine {
  const separator = changes.platform === "win32" ? "\\" : "/";
  const below = (folder: string): string =>
    folder.endsWith(separator) ? folder : `${folder}${separator}`;
  const names = Object.keys(files);
  return {
    platform: "linux",
    env: {},
    home: "/home/me",
    list: (folder) => [
      ...new Set(
        names
          .filter((name) => name.startsWith(below(folder)))
          .map((name) => name.slice(below(folder).length).split(separator)[0] ?? ""),
      ),
    ],
    real: (path) => {
      if (path in files) {
        return files[path] ?? path;
      }
      return names.some((name) => name.startsWith(below(path))) ? path : undefined;
    },
    ...changes,
  };
}
