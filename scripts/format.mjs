// npm run format: put code into the form that `npm run lint` asks for.
import { inRoot } from "./lib/paths.mjs";
import { run, stopOnSignals } from "./lib/processes.mjs";
import { provided, setup } from "./lib/setup.mjs";
import { entry } from "./lib/terminal.mjs";

stopOnSignals();
await entry(async () => {
  const { python } = await setup({ node: true, python: true });
  const ruff = [provided(python), "-I", "-m", "ruff"];
  await run([...ruff, "check", "--fix-only", "."], { cwd: inRoot(), show: true });
  await run([...ruff, "format", "."], { cwd: inRoot(), show: true });
  const eslint = inRoot("node_modules", "eslint", "bin", "eslint.js");
  await run([process.execPath, eslint, ".", "--fix"], { cwd: inRoot(), show: true });
});
