/** What a person is told of a failure: one sentence, and what follows of it. The rest is in the log. */
import { asSentence } from "./displayText.ts";

/** A failure as the helper tells it. */
export interface Failure {
  readonly message: string;
  readonly hint?: string | null;
  /** The failure in one sentence, where the helper has one. */
  readonly summary?: string | undefined;
}

/** From here on a message of the helper shows what a tool wrote. */
const OUTPUT = /(?:[;:,]? it|\. It) (?:said|wrote)[: ]|\. Its output:|: \S+ failed \(-?\d+\): /;

/**
 * Return the sentence, without what a tool wrote, and what helps, unless that is for a terminal.
 *
 * @param consequence what became of what was asked for, as a sentence; empty for none
 */
export function failureText(failure: Failure, consequence = ""): string {
  const { hint, message, summary } = failure;
  const sentence = asSentence(summary ?? message.split(OUTPUT)[0]?.split("\n")[0] ?? message);
  return [sentence, consequence, plainHint(hint ?? "")].filter((part) => part !== "").join(" ");
}

/** Return the sentences of a hint that name no command line and none of its flags: in the editor there are buttons for these. */
export function plainHint(hint: string): string {
  return hint
    .split(/(?<=[.;])\s+/)
    .filter((sentence) => !/\bwsp\b|(?:^|\s)--\w/.test(sentence))
    .join(" ")
    .replace(/;$/, ".");
}
