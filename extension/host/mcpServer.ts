/** Provides the MCP server for agents (`wsp mcp`), where VS Code supports servers of extensions. */
import * as vscode from "vscode";

import type { Services } from "./services.ts";
import { workspaceFolders } from "./places.ts";

/** Its id in the manifest. */
const ID = "pythonWorkflow.mcp";

/** The API of VS Code from 1.101 on, which is newer than the one that the extension is built for. */
interface McpApi {
  readonly lm?: {
    readonly registerMcpServerDefinitionProvider?: (id: string, provider: McpProvider) => vscode.Disposable;
  };
  readonly McpStdioServerDefinition?: new (label: string, command: string, args: readonly string[]) => object;
}

interface McpProvider {
  readonly onDidChangeMcpServerDefinitions: vscode.Event<void>;
  readonly provideMcpServerDefinitions: () => Promise<readonly object[]>;
}

/** Register the server, for the folders that are open and trusted. */
export function registerMcpServer(services: Services): vscode.Disposable {
  const { lm, McpStdioServerDefinition: Definition } = vscode as McpApi;
  const register = lm?.registerMcpServerDefinitionProvider;
  if (register === undefined || Definition === undefined) {
    return vscode.Disposable.from();
  }
  const changed = new vscode.EventEmitter<void>();
  const change = (): void => {
    changed.fire();
  };
  return vscode.Disposable.from(
    changed,
    vscode.workspace.onDidGrantWorkspaceTrust(change),
    vscode.workspace.onDidChangeWorkspaceFolders(change),
    register(ID, {
      onDidChangeMcpServerDefinitions: changed.event,
      provideMcpServerDefinitions: async () => {
        const folders = workspaceFolders();
        const [first] = folders;
        if (first === undefined || !vscode.workspace.isTrusted) {
          return [];
        }
        // Which Python runs the helper is known once it answered.
        await services.interpreters.resolve(first.uri);
        const words = agentsWords(folders.map(({ path }) => path));
        const [program, ...args] = services.helper.commandLine(words) ?? [];
        return program === undefined ? [] : [new Definition("Python Workflow", program, args)];
      },
    }),
  );
}

/** Return the arguments of the server, which limit it to these folders. */
function agentsWords(folders: readonly string[]): readonly string[] {
  return ["mcp", ...folders.flatMap((folder) => ["--folder", folder])];
}
