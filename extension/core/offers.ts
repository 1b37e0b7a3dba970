/** What the user is told about an answer without having asked. */
import * as l10n from "@vscode/l10n";

import { asSentence } from "./displayText.ts";
import type { Answer, Trouble } from "../protocol.ts";

/** An offer to make an environment, a question that has to be answered, or what a workflow did wrong. */
export type Offer =
  | { readonly kind: "create"; readonly root: string }
  | { readonly kind: "ask"; readonly root: string; readonly message: string }
  | { readonly kind: "trouble"; readonly root: string; readonly message: string };

/** What is known of the root beside the answer. */
export interface OfferState {
  /** It is a folder of Python. */
  readonly python: boolean;
  /** The same was said before, or the user said not now. */
  readonly said: (key: string) => boolean;
}

/** Characters of what a server wrote that a notification shows. */
const MOST_OUTPUT = 300;
const MOST_LINES = 3;

/** Decides what to say; each root is told each thing once. */
export function offersFor(answer: Answer, { python, said }: OfferState): readonly Offer[] {
  const { root, trouble } = answer;
  const offers: Offer[] = [];
  if (trouble !== null) {
    offers.push({ kind: "trouble", root, message: troubleSentence(trouble) });
  }
  if (answer.must_ask) {
    offers.push({ kind: "ask", root, message: asSentence(answer.problem ?? answer.summary) });
  } else if (answer.offer_create && python && !answer.provisional) {
    offers.push({ kind: "create", root });
  }
  return offers.filter((offer) => !said(offerKey(offer)));
}

/** Tells two offers apart: the same question is put once, another one about the same root again. */
export function offerKey(offer: Offer): string {
  return offer.kind === "create" ? `create:${offer.root}` : `${offer.kind}:${offer.root}:${offer.message}`;
}

/** One line: what went wrong, and the end of what the server wrote, which tells the most. */
function troubleSentence({ message, output }: Trouble): string {
  const lines = output.split("\n").map((line) => line.trim());
  const end = lines.filter((line) => line !== "").slice(-MOST_LINES).join(" ");
  return end === ""
    ? asSentence(message)
    : l10n.t("{0} It wrote: {1}", asSentence(message), end.slice(-MOST_OUTPUT));
}

/** How many folders a notification names. */
const MOST_NAMED = 3;

/** That folders have no environment, as one sentence for all of them. */
export function createMessage(names: readonly string[]): string {
  const rest = names.length - MOST_NAMED;
  return rest > 0
    ? l10n.t("No Python environment in {0} and {1} more folders.", names.slice(0, MOST_NAMED).join(", "), rest)
    : l10n.t("No Python environment in {0}.", names.join(", "));
}
