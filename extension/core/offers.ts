/** What the user is told about an answer without having asked. */
import { asSentence } from "./plain.ts";
import type { Answer } from "../protocol.ts";

/** Nothing, an offer to make an environment, or a question that has to be answered. */
export type Offer =
  | { readonly kind: "nothing" }
  | { readonly kind: "create"; readonly root: string }
  | { readonly kind: "ask"; readonly root: string; readonly message: string };

/** What is known of the root beside the answer. */
export interface OfferState {
  /** It is a folder of Python. */
  readonly python: boolean;
  /** The same was said before, or the user said not now. */
  readonly said: (key: string) => boolean;
}

/** Decides what to say; each root is told each thing once. */
export function offerFor(answer: Answer, state: OfferState): Offer {
  const offer = unsaid(answer, state.python);
  return offer.kind !== "nothing" && state.said(offerKey(offer)) ? { kind: "nothing" } : offer;
}

/** Tells two offers apart: the same question is put once, another one about the same root again. */
export function offerKey(offer: Exclude<Offer, { kind: "nothing" }>): string {
  return offer.kind === "create" ? `create:${offer.root}` : `ask:${offer.root}:${offer.message}`;
}

function unsaid(answer: Answer, python: boolean): Offer {
  if (answer.must_ask) {
    return { kind: "ask", root: answer.root, message: asSentence(answer.problem ?? answer.summary) };
  }
  return answer.offer_create && python ? { kind: "create", root: answer.root } : { kind: "nothing" };
}
