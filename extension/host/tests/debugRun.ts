/** Runs tests in the debugger: it starts the helper's command, and the helper reads the results. */
import * as vscode from "vscode";

import { DEBUG_TYPE, whyNotPython } from "../../core/debugging.ts";
import { changedVariables } from "../../core/processes.ts";
import type { TestConfiguration, TestEvent } from "../../testActs.ts";

type Start = Extract<TestEvent, { readonly event: "command" }>;

/** The attribute that identifies our sessions. */
const SESSION = "testSession";

let sessions = 0;

/** Return why tests cannot be debugged in a configuration, as a sentence; undefined where they can. */
export function whyNotDebugIn({ environment }: TestConfiguration): string | undefined {
  return whyNotPython(environment.name, environment.python_version);
}

/** Debug tests; settles when the debugger has ended, or did not start. */
export async function debugTests(
  { argv, cwd, env, script }: Start,
  { environment }: TestConfiguration,
  place: vscode.Uri,
  run: vscode.TestRun,
): Promise<void> {
  sessions += 1;
  const own = sessions;
  const at = argv.indexOf(script);
  const python = argv.slice(0, at);
  const wrapped = python[0] !== environment.interpreter_path;
  const config = {
    ...{ type: DEBUG_TYPE, request: "launch", name: vscode.l10n.t("Python Tests"), [SESSION]: own },
    ...{ python, program: script, args: argv.slice(at + 1), cwd },
    ...(wrapped ? { debugLauncherPython: environment.interpreter_path } : {}),
    env: changedVariables(env, process.env, process.platform),
  };
  const isOurs = ({ configuration, parentSession }: vscode.DebugSession): boolean =>
    configuration[SESSION] === own && parentSession === undefined;
  await new Promise<void>((resolve, reject) => {
    const stopped = run.token.onCancellationRequested(() => void vscode.debug.stopDebugging(session));
    let session: vscode.DebugSession | undefined;
    const started = vscode.debug.onDidStartDebugSession((one) => {
      session = isOurs(one) ? one : session;
    });
    const done = (): void => {
      vscode.Disposable.from(stopped, started, ended).dispose();
      resolve();
    };
    const ended = vscode.debug.onDidTerminateDebugSession((one) => {
      if (isOurs(one)) {
        done();
      }
    });
    vscode.debug.startDebugging(vscode.workspace.getWorkspaceFolder(place), config, { testRun: run }).then((isStarted) => {
      if (!isStarted) {
        done();
      }
    }, reject);
  });
}
