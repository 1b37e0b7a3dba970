import { inRoot } from "../../../../scripts/lib/paths.mjs";
import { run } from "../../../../scripts/lib/processes.mjs";
import { installExtension as install } from "../../../../scripts/lib/vscode.mjs";
import { paths } from "./paths.ts";

/**
 * Install a package in VS Code.
 *
 * @param vsix its absolute path
 * @param extensions the folder of installed extensions; absolute
 * @param data a folder for what VS Code keeps meanwhile; absolute
 */
export async function installExtension(vsix: string, extensions: string, data: string): Promise<void> {
  await install([paths.node24, paths.codeServer], vsix, extensions, data);
}

/**
 * Make a package of an extension that is one without building it.
 *
 * @param folder where it is; absolute
 * @param vsix the package's absolute path
 */
export async function packExtension(folder: string, vsix: string): Promise<void> {
  await run(
    [process.execPath, inRoot("node_modules", "@vscode", "vsce", "vsce"), "package", "--no-dependencies"]
      .concat(["--allow-missing-repository", "--skip-license", "--out", vsix]),
    { cwd: folder },
  );
}
