import { defineConfig } from "vitest/config";

/** What a test owns that opens VS Code. */
const workbench = {
  globalSetup: ["tests/extension/workbench/harness/global.ts"],
  // Each test owns a server and a page, each file a browser: two keep the two processors busy that a machine has at least.
  maxWorkers: 2,
  testTimeout: 240_000,
  hookTimeout: 180_000,
  // A browser on a busy machine drops a click now and then. Whatever passed at the second try is shown as "retry x1".
  retry: 1,
  tags: [{ name: "slow", description: "Takes more than ten seconds, and other tests of the same part are quicker." }],
};

/**
 * Four projects: `unit` tests the pure decisions of `extension/core`, and the scripts, in this
 * process; `workbench` tests the packaged extension in a real VS Code in a real
 * browser, two files at a time; `long` does so for what takes long; `benchmarks` measures in the same way, one after the other.
 */
export default defineConfig({
  test: {
    teardownTimeout: 30_000,
    projects: [
      {
        test: {
          name: "unit",
          include: ["tests/extension/unit/**/*.test.ts", "tests/scripts/**/*.test.ts"],
          // What they test has no state of a module's own, and starting afresh for each file takes as long as all tests.
          isolate: false,
        },
      },
      {
        test: {
          name: "workbench",
          include: ["tests/extension/workbench/**/*.test.ts"],
          exclude: ["**/*.long.test.ts"],
          ...workbench,
        },
      },
      {
        // What takes long, or shows in the editor what other tests show below it: a part of `npm run test:full`.
        test: {
          name: "long",
          include: ["tests/extension/workbench/**/*.long.test.ts"],
          ...workbench,
        },
      },
      {
        // `npm run bench` runs it; it fails for no time that it measures.
        test: {
          name: "benchmarks",
          include: ["benchmarks/**/*.test.ts"],
          globalSetup: ["tests/extension/workbench/harness/global.ts"],
          fileParallelism: false,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
