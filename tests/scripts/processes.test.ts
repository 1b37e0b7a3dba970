import { afterEach, expect, test, vi } from "vitest";

import { run, start } from "../../scripts/lib/processes.mjs";
import { inRoot } from "../../scripts/lib/paths.mjs";

afterEach(() => {
  vi.unstubAllEnvs();
});

const stubborn = "trap '' TERM; while :; do sleep 1; done";

test("stopping a program also stops what left its process group and what ignores a polite request", async () => {
  const started = start(["/bin/sh", "-c", `setsid /bin/sh -c "${stubborn}" & setsid sleep 600 & echo up; wait`]);
  await expect.poll(() => [started.output(), started.family().length >= 3]).toEqual(["up\n", true]);

  await started.stop(300);

  expect(started.family()).toEqual([]);
});

test("a program's failure is told by its sentence, what to do, and the end of what it said", async () => {
  const failing = run(["/bin/sh", "-c", "seq 1 100; exit 3"], { failure: "It broke.", hint: "Mend it." });

  await expect(failing).rejects.toMatchObject({
    message: "It broke.",
    hint: "Mend it.",
    log: expect.stringMatching(/^81\n[\s\S]*\n100$/) as string,
  });
});

test("a program that does not exist is a failure like any other", async () => {
  await expect(run(["/no/such/program"])).rejects.toThrow('"/no/such/program" ended with exit code 127.');
});

test.each(["VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "npm_config_user_agent", "npm_lifecycle_event"])(
  "a program does not see %s of the shell or the npm that started the script",
  async (name) => {
    vi.stubEnv(name, "/somewhere");

    expect(await run(["/bin/sh", "-c", `echo \${${name}:-none}`])).toBe("none\n");
  },
);

test("a program sees the npm settings that a person made", async () => {
  vi.stubEnv("npm_config_cache", "/somewhere");

  expect(await run(["/bin/sh", "-c", "echo $npm_config_cache"])).toBe("/somewhere\n");
});

test("a script that fails says what and what to do, without a stack trace", async () => {
  const { code, output } = await start([process.execPath, inRoot("scripts", "try.mjs"), "/no/such/folder"]).ended;

  expect(code).toBe(1);
  expect(output).toBe(
    "Failed: /no/such/folder does not exist.\nTo do: Name one folder, npm run try -- FOLDER, or none for a sample.\n",
  );
});

test("options for a test runner need one stage to go to", async () => {
  const { code, output } = await start([process.execPath, inRoot("scripts", "test.mjs"), "-k", "name"]).ended;

  expect(code).toBe(1);
  expect(output).toContain('"-k name" is no stage');
});
