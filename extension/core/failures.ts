/** The error message that the user sees: one sentence and its consequence. The details are in the log. */
import { asSentence } from "./displayText.ts";

/** A failure as the helper reports it. */
export interface Failure {
  readonly message: string;
  readonly hint?: string | null;
  /** The failure in one sentence, where the helper has one. */
  readonly summary?: string | undefined;
}

/** The place in a message of the helper where a tool's own output begins. */
const OUTPUT = /(?:[;:,]? it|\. It) (?:said|wrote)[: ]|\. Its output:|: \S+ failed \(-?\d+\): /;

/**
 * Return the sentence without a tool's output, and the hint, unless that is for a terminal.
 *
 * @param consequence what the failure means for the user's action, as a sentence; may be empty
 */
export function failureText(failure: Failure, consequence = ""): string {
  const { hint, message, summary } = failure;
  const sentence = asSentence(summary ?? message.split(OUTPUT)[0]?.split("\n")[0] ?? message);
  return [sentence, consequence, plainHint(hint ?? "")].filter((part) => part !== "").join(" ");
}

/** Return the sentences of a hint without those that name a command line or a flag: the editor has buttons for these. */
export function plainHint(hint: string): string {
  return hint
    .split(/(?<=[.;])\s+/)
    .filter((sentence) => !/\bwsp\b|(?:^|\s)--\w/.test(sentence))
    .join(" ")
    .replace(/;$/, ".");
}
