import { describe, expect, test } from "vitest";

import { masked, withoutSecrets } from "../../../../extension/core/masking.ts";
import cases from "../../../../test-fixtures/masking.json" with { type: "json" };

const me = { home: "/home/ada", user: "ada", host: "engine.example.org" };

/** Numbers below `limit` that are the same in each run. */
function numbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % limit;
  };
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

function word(next: (limit: number) => number, length: number): string {
  return Array.from({ length }, () => LETTERS[next(LETTERS.length)]).join("");
}

/** The places where secrets stand, around one. */
const around: readonly (readonly [where: string, write: (secret: string) => string])[] = [
  ["a URL's password", (secret) => `https://ada:${secret}@index.example/simple`],
  ["a URL's user", (secret) => `git+https://${secret}@github.example/a/b.git`],
  ["a URL's password with an @ in it", (secret) => `https://ada:p@${secret}@index.example/simple`],
  ["a URL's query", (secret) => `https://index.example/simple?x=1&access_token=${secret}&y=2`],
  ["an environment variable", (secret) => `UV_INDEX_PRIVATE_PASSWORD=${secret}`],
  ["a quoted one", (secret) => `export API_KEY="${secret} and more"`],
  ["a line of TOML", (secret) => `pypi-token = '${secret}'`],
  ["JSON", (secret) => JSON.stringify({ env: { GITHUB_TOKEN: secret } })],
  ["JSON with quotes in it", (secret) => JSON.stringify({ password: `a"${secret}` })],
  ["JSON in JSON", (secret) => JSON.stringify({ body: JSON.stringify({ client_secret: secret }) })],
  ["YAML", (secret) => `  aws_secret_access_key: ${secret}`],
  ["an option", (secret) => `twine upload --password ${secret} dist/*`],
  ["an option with =", (secret) => `pip --proxy-auth=${secret}`],
  ["a list of arguments", (secret) => JSON.stringify(["--api-key", secret, "x"])],
  ["a list of arguments, one a line", (secret) => JSON.stringify({ cmd: ["x", "--token", secret] }, undefined, 2)],
  ["the same in JSON", (secret) => JSON.stringify(JSON.stringify(["--token", secret], undefined, 8))],
  ["a header", (secret) => `Authorization: Bearer ${secret}`],
  ["a header of basic authentication", (secret) => `authorization: Basic ${secret}==`],
  ["a cookie", (secret) => `Cookie: ${secret}`],
  ["a key's armour", (secret) => `-----BEGIN OPENSSH PRIVATE KEY-----\n${secret}\n-----END OPENSSH PRIVATE KEY-----`],
  ["a key's armour that was cut", (secret) => `-----BEGIN PRIVATE KEY-----\n${secret}\n`],
  ["a token of a forge", (secret) => `remote: ghp_${secret} was refused`],
  ["a fine-grained one", (secret) => `remote: github_pat_${secret}`],
  ["a token of an index", (secret) => `pypi-${secret}`],
  ["a key of a model", (secret) => `the key sk-proj-${secret}`],
  ["a token of a chat", (secret) => `xoxb-${secret}`],
  ["a signed token", (secret) => `eyJ${secret}.${secret}.${secret}`],
];

describe("secrets", () => {
  test.each(around)("in %s are masked, whatever they and their surroundings are", (_, write) => {
    const next = numbers(7);
    for (let round = 0; round < 200; round += 1) {
      const secret = word(next, 16 + next(40));
      const text = `${word(next, next(8))} ${write(secret)} ${word(next, next(8))}\n`;

      const result = masked(text, me);

      expect(result).not.toContain(secret);
      expect(masked(result, me)).toBe(result);
    }
  });

  test("what stands around them can still be read", () => {
    expect(masked("https://ada:hunter2hunter2@index.example/simple?page=2", me)).toBe("https://***@index.example/simple?page=2");
    expect(masked('{"UV_TOKEN": "abc", "UV_CACHE": "/x"}', me)).toBe('{"UV_TOKEN": ***, "UV_CACHE": "/x"}');
  });

  test.each([
    "E3 passed: uv was not asked, since nothing tells of it.",
    "Project root: /src/project; 3 environments, 1 broken (exit status 2).",
    "pip install https://index.example/simple/requests-2.0.tar.gz#sha256=abc",
    "selected .venv 3.12.4 for /src/project in 120 ms",
    "The author of the tokenizer passed it on: keyword arguments, a monkey, a keyboard.",
    "python -m pytest -k 'parse and not slow' --maxfail=2",
    "the package sk-learn, and hf_hub",
    "name@1.2.3 and a@b",
  ])("%s stays as it is", (text) => {
    expect(masked(text, me)).toBe(text);
  });

  test("text without any secret comes through unchanged, however odd", () => {
    const next = numbers(11);
    const signs = " .,;()[]{}<>/\\|!?#%^*+~\n\t";
    for (let round = 0; round < 300; round += 1) {
      const text = Array.from({ length: 30 }, () => word(next, 1 + next(4)) + (signs[next(signs.length)] ?? "")).join("");
      if (/ada|key|token|auth|pass|pwd|secret|engine/i.test(text)) {
        continue;
      }
      expect(masked(text, me)).toBe(text);
    }
  });

  test("a text that goes on without end is read in one go", () => {
    for (const endless of ["a", "token", "token=", "https://", '"', "\\", "--password ", "-----BEGIN PRIVATE KEY-----", "eyJaaaaaaaa.", "a@"]) {
      expect(masked(endless.repeat(20_000), me).length).toBeLessThanOrEqual(endless.length * 20_000 + 10);
    }
  });
});

describe("the cases that the helper's side reads too", () => {
  test.each(cases.hidden)("%s is masked", (text) => {
    const result = withoutSecrets(`before ${text}\nafter`);

    expect(result).not.toContain(cases.secret);
    expect(result).not.toContain(cases.secret.slice(7));
    expect(result).toMatch(/^before .*\*\*\*/s);
    expect(withoutSecrets(result)).toBe(result);
  });

  test.each(cases.kept)("%s stays as it is", (text) => {
    expect(withoutSecrets(text)).toBe(text);
  });

  test.each(cases.endless)("%s is read in one go, however often it is repeated", (piece) => {
    expect(withoutSecrets(piece.repeat(100_000 / piece.length))).toBeDefined();
  });
});

describe("who the user is", () => {
  test.each([
    ["/home/ada/src/project", "~/src/project"],
    ["/home/ada", "~"],
    ["file:///home/ada/a%20b", "file://~/a%20b"],
    ["(/home/ada)", "(~)"],
    ["/home/adamant/src", "/home/adamant/src"],
    ["/mnt/home/ada2", "/mnt/home/ada2"],
    ["/data/ada/x", "/data/<user>/x"],
    ["Ada wrote it; canada stays", "<user> wrote it; canada stays"],
    ["ssh engine.example.org or engine", "ssh <host> or <host>"],
    ["engines", "engines"],
    ["Ada Lovelace <ada@example.org>", "<user> Lovelace <<address>>"],
  ])("%s becomes %s", (text, expected) => {
    expect(masked(text, me)).toBe(expected);
  });

  test.each([
    [String.raw`C:\Users\Ada King\src`, String.raw`~\src`],
    [String.raw`c:\users\ada king\src`, String.raw`~\src`],
    [String.raw`{"path": "C:\\Users\\Ada King\\src"}`, String.raw`{"path": "~\\src"}`],
    ["C:/Users/Ada King/src", "~/src"],
    ["file:///C%3A/Users/Ada%20King/src", "file:///~/src"],
    [String.raw`C:\Users\Ada Kings`, String.raw`C:\Users\Ada Kings`],
  ])("on Windows %s becomes %s", (text, expected) => {
    expect(masked(text, { home: String.raw`C:\Users\Ada King`, user: "", host: "" })).toBe(expected);
  });

  test("names that are nobody's stay, and a text about nobody is only rid of secrets", () => {
    const nobody = { home: "/var/root", user: "root", host: "localhost" };

    expect(masked("root of /var/root/x on localhost", nobody)).toBe("root of ~/x on localhost");
    expect(masked("x / token=abc", { home: "", user: "", host: "" })).toBe("x / token=***");
    expect(masked("/x", { home: "/", user: "x", host: "" })).toBe("/x");
  });
});
