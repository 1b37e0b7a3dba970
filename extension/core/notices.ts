/** Decides which notifications to show about an answer without being asked. */
import * as l10n from "@vscode/l10n";

import { asSentence } from "./displayText.ts";
import type { Answer, Trouble } from "../protocol.ts";

/** An offer to create an environment, a question that has to be answered, or the failure of a workflow. */
export type Notice =
  | { readonly kind: "create"; readonly root: string }
  | { readonly kind: "ask"; readonly root: string; readonly message: string }
  | { readonly kind: "trouble"; readonly root: string; readonly message: string };

/** What is known about the root besides the answer. */
export interface NoticeState {
  readonly hasPythonFiles: boolean;
  /** Whether the notice was shown before, or the user chose "Not Now". */
  readonly isDone: (key: string) => boolean;
}

/** The most characters, and lines, of a server's output in a notification. */
const MOST_OUTPUT = 300;
const MOST_LINES = 3;

/** Return what to show about an answer: each notice about a root is shown once. */
export function noticesFor(answer: Answer, { hasPythonFiles, isDone }: NoticeState): readonly Notice[] {
  const { root, trouble } = answer;
  const notices: Notice[] = [];
  if (trouble !== null) {
    notices.push({ kind: "trouble", root, message: troubleSentence(trouble) });
  }
  if (answer.must_ask) {
    notices.push({ kind: "ask", root, message: asSentence(answer.problem ?? answer.summary) });
  } else if (answer.offer_create && hasPythonFiles && !answer.provisional) {
    notices.push({ kind: "create", root });
  }
  return notices.filter((notice) => !isDone(noticeKey(notice)));
}

/**
 * Return the key of a notice. Two equal notices share it, so each is shown once. A different question about the same root
 * is still asked.
 */
export function noticeKey(notice: Notice): string {
  return notice.kind === "create" ? `create:${notice.root}` : `${notice.kind}:${notice.root}:${notice.message}`;
}

/** Return one line: what went wrong, and the end of the server's output, which says the most. */
function troubleSentence({ message, output }: Trouble): string {
  const lines = output.split("\n").map((line) => line.trim());
  const end = lines.filter((line) => line !== "").slice(-MOST_LINES).join(" ");
  return end === ""
    ? asSentence(message)
    : l10n.t("{0} Output: {1}", asSentence(message), end.slice(-MOST_OUTPUT));
}

/** How many folders a notification names. */
const MOST_NAMED = 3;

/** Return one sentence for all folders that have no environment. */
export function createMessage(names: readonly string[]): string {
  const rest = names.length - MOST_NAMED;
  const named = names.slice(0, MOST_NAMED).join(", ");
  if (rest <= 0) {
    return l10n.t("No Python environment in {0}.", named);
  }
  return rest === 1
    ? l10n.t("No Python environment in {0} and 1 more folder.", named)
    : l10n.t("No Python environment in {0} and {1} more folders.", named, rest);
}
