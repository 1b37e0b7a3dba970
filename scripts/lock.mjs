// npm run lock: resolve the Python requirements again, with hashes, to the newest versions that fit.
import { inRoot } from "./lib/paths.mjs";
import { run, stopOnSignals } from "./lib/processes.mjs";
import { provided, setup } from "./lib/setup.mjs";
import { entry, step } from "./lib/terminal.mjs";

stopOnSignals();
await entry(async () => {
  const { python, tools } = await setup({ python: true, tools: true });
  const compile = [
    ...[provided(tools?.["uv"]), "pip", "compile", "-q", "--upgrade", "--no-config", "--no-python-downloads"],
    ...["--generate-hashes", "--no-header", "--no-emit-index-url", "--python", provided(python)],
    ...["--python-version", "3.10", "--extra", "editor", "--no-emit-package", "workflow-server", "helper/pyproject.toml"],
  ];
  const cwd = inRoot("python_helper");
  // What the extension carries is one set for every system and every Python: no markers, no native parts.
  const everywhere = ["--only-binary", ":all:", "-o", "requirements-bundle.txt"];
  await step("Lock what the extension carries", async () => run([...compile, ...everywhere], { cwd }));
  const universal = ["--group", "helper/pyproject.toml:dev", "--universal", "-o", "requirements-dev.txt"];
  await step("Lock what development needs", async () => run([...compile, ...universal], { cwd }));
});
