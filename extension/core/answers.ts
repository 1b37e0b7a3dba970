/**
 * Which of several answers about one place holds.
 *
 * Three sources speak: the one-shot at activation, the helper's replies, and its
 * news. They overtake each other, so each answer carries where it came from and
 * the generation it was asked in.
 */
import { isDeepStrictEqual } from "node:util";

import type { Answer } from "../protocol.ts";

/**
 * Where an answer came from: the one-shot, a reply to a question, or a change that
 * the helper told of or that the user just made.
 */
export type Origin = "one-shot" | "reply" | "change";

interface Entry {
  readonly answer: Answer;
  readonly origin: Origin;
  readonly generation: number;
}

/** The answers that hold now, by uri. */
export class Answers {
  private readonly entries = new Map<string, Entry>();
  private current = 0;

  /** The generation to ask in; it ends when what answers depend on changes. */
  get generation(): number {
    return this.current;
  }

  /** End the generation: answers asked for before are dropped when they arrive; held ones stay meanwhile. */
  begin(): number {
    this.current += 1;
    return this.current;
  }

  /**
   * Take in an answer.
   *
   * @param generation the one that the question was asked in
   * @returns whether it now holds and differs from what held before
   */
  put(answer: Answer, origin: Origin, generation: number): boolean {
    const entry = this.entries.get(answer.uri);
    if (generation < this.current || (entry !== undefined && !this.replaces(answer, origin, entry))) {
      return false;
    }
    this.entries.set(answer.uri, { answer, origin, generation });
    return entry === undefined || !isDeepStrictEqual(entry.answer, answer);
  }

  /** Return what holds for a uri. */
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
