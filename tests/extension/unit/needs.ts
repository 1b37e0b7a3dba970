import type { TestContext } from "vitest";

/** End the test here where there is no POSIX system with its shells and programs; whoever runs the tests is told so. */
export function needPosix(context: Pick<TestContext, "skip" | "task">): void {
  if (process.platform === "win32") {
    context.task.meta.needs = "needs POSIX: its shells and programs; to run it: npm test, on Linux or macOS";
    context.skip();
  }
}
