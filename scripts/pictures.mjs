// npm run pictures: take the pictures of the README anew, in the real VS Code.
import { inRoot } from "./lib/paths.mjs";
import { stopOnSignals } from "./lib/processes.mjs";
import { stages } from "./lib/stages.mjs";
import { entry, Failure } from "./lib/terminal.mjs";

stopOnSignals();
await entry(async () => {
  process.env["WORKBENCH_PICTURES"] = inRoot("docs", "images");
  const stage = stages.find(({ name }) => name === "workbench");
  const outcome = await stage?.run(["pictures.test.ts"], true);
  if (outcome?.failed.length !== 0) {
    throw new Failure("The pictures could not be taken.", { hint: "Mend what the test says above." });
  }
});
