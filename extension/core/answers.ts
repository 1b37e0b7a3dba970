/**
 * Decides which of several answers about one place is current.
 *
 * Answers come from three sources: the one-shot at activation, the helper's replies, and its notifications. They
 * overtake each other, so each answer carries its source and the generation in which it was requested.
 */
import { isDeepStrictEqual } from "node:util";

import type { Answer } from "../protocol.ts";

/**
 * The source of an answer: the one-shot, a reply to a request, or a change that the helper reported or the user just
 * made.
 */
export type Origin = "one-shot" | "reply" | "change";

interface Entry {
  readonly answer: Answer;
  readonly origin: Origin;
  readonly generation: number;
}

/** The current answers, by uri. */
export class Answers {
  private readonly entries = new Map<string, Entry>();
  private current = 0;

  /** Return the generation to ask in; it ends when something that answers depend on changes. */
  get generation(): number {
    return this.current;
  }

  /** End the generation: answers that were requested before are dropped when they arrive; stored ones are kept. */
  begin(): number {
    this.current += 1;
    return this.current;
  }

  /**
   * Store an answer.
   *
   * @param generation the generation in which it was requested
   * @returns whether it is current now, and differs from the one before
   */
  put(answer: Answer, origin: Origin, generation: number): boolean {
    const entry = this.entries.get(answer.uri);
    if (generation < this.current || (entry !== undefined && !this.replaces(answer, origin, entry))) {
      return false;
    }
    this.entries.set(answer.uri, { answer, origin, generation });
    return entry === undefined || !isDeepStrictEqual(entry.answer, answer);
  }

  /** Return the current answer for a uri. */
  get(uri: string): Answer | undefined {
    return this.entries.get(uri)?.answer;
  }

  /** Return whether the helper itself has answered for a uri in this generation. */
  isCurrent(uri: string): boolean {
    const entry = this.entries.get(uri);
    return entry !== undefined && entry.origin !== "one-shot" && entry.generation === this.current;
  }

  /** Return the answer for a uri where it is certain: of this generation, and no workflow may still say otherwise. */
  certain(uri: string): Answer | undefined {
    const entry = this.entries.get(uri);
    return entry?.generation === this.current && !entry.answer.provisional ? entry.answer : undefined;
  }

  /** Return every uri that has an answer. */
  uris(): readonly string[] {
    return [...this.entries.keys()];
  }

  /** Forget a uri. */
  delete(uri: string): void {
    this.entries.delete(uri);
  }

  private replaces(answer: Answer, origin: Origin, entry: Entry): boolean {
    if (origin === "change" || entry.generation < this.current) {
      return true;
    }
    if (origin === "one-shot") {
      return entry.origin === "one-shot";
    }
    return entry.origin === "one-shot" || !answer.provisional || entry.answer.provisional;
  }
}
