/** Long requests to the helper, with a notification that shows their progress and can cancel them. */
import * as vscode from "vscode";

import type { HelperClient, Progress } from "../core/client.ts";
import type { ProgressToken, RequestType } from "../protocol.ts";

/**
 * Shorter work shows no progress: nobody can read a notification that vanishes at once. After several within a second, VS Code
 * also drops the next notification, which would be the one that reports the result.
 */
const BRIEF_MS = 400;

/**
 * Send a request to the helper, and show its progress if it takes long. Rejects with HelperError, or with Cancelled when the
 * user cancelled it.
 *
 * @param callerToken a token that cancels the request too
 */
export async function withProgress<P extends { readonly workDoneToken?: ProgressToken }, R>(
  helper: HelperClient,
  type: RequestType<P, R>,
  params: Omit<P, "workDoneToken">,
  title: string,
  callerToken?: vscode.CancellationToken,
): Promise<R> {
  const user = new AbortController();
  const signals = [user.signal, ...(callerToken === undefined ? [] : [abortSignal(callerToken)])];
  let last: Progress = { message: undefined, percent: undefined };
  let report = (update: Progress): void => {
    last = update;
  };
  // Wrapped, because `report` is replaced once the notification is shown.
  const result = helper.perform(type, params, AbortSignal.any(signals), (update) => {
    report(update);
  });
  if (await settlesWithin(BRIEF_MS, result)) {
    return result;
  }
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    async (progress, token) => {
      token.onCancellationRequested(() => {
        user.abort();
      });
      report = reporter(progress);
      report(last);
      return result;
    },
  );
}

/** Return whether `work` settles within `ms` milliseconds, fulfilled or rejected. */
async function settlesWithin(ms: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  const settled = work.then(
    () => true,
    () => true,
  );
  return Promise.race([settled, timeout]).finally(() => {
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
): (update: Progress) => void {
  let shownPercent = 0;
  return ({ message, percent }) => {
    const increment = percent === undefined ? 0 : Math.max(0, percent - shownPercent);
    shownPercent += increment;
    progress.report({ increment, ...(message === undefined ? {} : { message }) });
  };
}
