/** Work of the helper that takes long, with a notification that shows how far it is and cancels it. */
import * as vscode from "vscode";

import type { HelperClient, Progress } from "../core/client.ts";
import type { ProgressToken, RequestType } from "../protocol.ts";

/**
 * Shorter work shows no progress: nobody reads a notification that vanishes at once, and after several within a second VS Code
 * drops the next one, which would say what was done.
 */
const BRIEF_MS = 400;

/**
 * Has the helper do something. Rejects with HelperError, or with Cancelled when the user cancelled it.
 *
 * @param caller also cancels it
 */
export async function withProgress<P extends { readonly workDoneToken?: ProgressToken }, R>(
  helper: HelperClient,
  type: RequestType<P, R>,
  params: Omit<P, "workDoneToken">,
  title: string,
  caller?: vscode.CancellationToken,
): Promise<R> {
  const user = new AbortController();
  const signals = [user.signal, ...(caller === undefined ? [] : [abortSignal(caller)])];
  let last: Progress = { message: undefined, percent: undefined };
  let report = (made: Progress): void => {
    last = made;
  };
  const done = helper.perform(type, params, AbortSignal.any(signals), (made) => {
    report(made);
  });
  if (await isOverWithin(BRIEF_MS, done)) {
    return done;
  }
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    async (progress, token) => {
      token.onCancellationRequested(() => {
        user.abort();
      });
      report = reporter(progress);
      report(last);
      return done;
    },
  );
}

/** Whether it ends, in whatever way, in this time. */
async function isOverWithin(ms: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  const over = work.then(
    () => true,
    () => true,
  );
  return Promise.race([over, late]).finally(() => {
    clearTimeout(timer);
  });
}

function abortSignal(token: vscode.CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) {
    controller.abort();
  }
  token.onCancellationRequested(() => {
    controller.abort();
  });
  return controller.signal;
}

function reporter(
  progress: vscode.Progress<{ message?: string; increment?: number }>,
): (made: Progress) => void {
  let reached = 0;
  return ({ message, percent }) => {
    const increment = percent === undefined ? 0 : Math.max(0, percent - reached);
    reached += increment;
    progress.report({ increment, ...(message === undefined ? {} : { message }) });
  };
}
