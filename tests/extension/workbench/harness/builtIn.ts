import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";

import { paths } from "./paths.ts";

/** The extensions of VS Code's own that have to do with what our windows show: the languages of our files, version control, terminals. */
const MET = [
  ...["configuration-editing", "debug-auto-launch", "git", "git-base", "ini", "ipynb", "json", "json-language-features"],
  ...["markdown-basics", "markdown-language-features", "markdown-math", "media-preview", "merge-conflict", "notebook-renderers"],
  ...["python", "references-view", "search-result", "shellscript", "terminal-suggest", "theme-defaults", "theme-seti", "yaml"],
];

/**
 * Make a folder of the built-in extensions that a window of ours meets. The others, three in four, are languages and themes that no test
 * looks at, and to read what all of them contribute takes a window a third of its start.
 *
 * @param folder where it will be; absolute
 */
export async function linkBuiltIn(folder: string): Promise<void> {
  const all = join(paths.codeServer, "..", "..", "..", "lib", "vscode", "extensions");
  await mkdir(folder);
  for (const name of MET) {
    await symlink(join(all, name), join(folder, name));
  }
}
