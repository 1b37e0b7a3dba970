/**
 * Small decoders for values that come from another process.
 *
 * A decoder takes an unknown value and its place, and returns a typed value or throws a {@link WireError}: a value of
 * an unexpected shape is rejected where it enters.
 */

/** A value does not have the shape that the protocol requires. The message names its place. */
export class WireError extends Error {
  override readonly name = "WireError";

  /**
   * @param at where the value stands, such as `answer.environment.name`
   * @param expected what belongs there, such as `a string`
   * @param value what was there instead
   */
  constructor(at: string, expected: string, value: unknown) {
    super(`The helper sent ${describe(value)} as ${at}, where ${expected} was expected.`);
  }
}

/** Turns the value found at `at` into a `T`, or throws {@link WireError}. */
export type Decoder<T> = (value: unknown, at: string) => T;

/** Read any string. */
export const text: Decoder<string> = (value, at) => {
  if (typeof value !== "string") {
    throw new WireError(at, "a string", value);
  }
  return value;
};

/** Advice that a message ends in, for a terminal. */
const ADVICE = / \((?:[^()]*'wsp [^']+'[^()]*|(?:recreate it|repair it|install one) with: .*)\)(?=\.?$)/;

/** Read any string, without its advice for a terminal: the editor has a button for that. */
export const sentence: Decoder<string> = (value, at) => text(value, at).replace(ADVICE, "");

/** Read `true` or `false`. */
export const flag: Decoder<boolean> = (value, at) => {
  if (typeof value !== "boolean") {
    throw new WireError(at, "true or false", value);
  }
  return value;
};

/** Read a whole number from 0 on. */
export const count: Decoder<number> = (value, at) => {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0) {
    throw new WireError(at, "a whole number", value);
  }
  return value;
};

/** Read an object with members of any kind. */
export const table: Decoder<Readonly<Record<string, unknown>>> = (value, at) => {
  if (!isTable(value)) {
    throw new WireError(at, "an object", value);
  }
  return value;
};

/** Return a decoder that also accepts null; an absent member reads as null. */
export function orNull<T>(decoder: Decoder<T>): Decoder<T | null> {
  return (value, at) => (value === null || value === undefined ? null : decoder(value, at));
}

/** Return a decoder that reads an absent member as `fallback`. */
export function withDefault<T>(decoder: Decoder<T>, fallback: T): Decoder<T> {
  return (value, at) => (value === undefined ? fallback : decoder(value, at));
}

/** Return a decoder of one of the given strings. */
export function oneOf<const T extends string>(...choices: readonly T[]): Decoder<T> {
  return (value, at) => {
    const found = choices.find((choice) => choice === value);
    if (found === undefined) {
      throw new WireError(at, `one of ${choices.join(", ")}`, value);
    }
    return found;
  };
}

/** Return a decoder of an array whose items `decoder` reads. */
export function list<T>(decoder: Decoder<T>): Decoder<readonly T[]> {
  return (value, at) => {
    if (!Array.isArray(value)) {
      throw new WireError(at, "an array", value);
    }
    return value.map((item: unknown, index) => decoder(item, `${at}[${index}]`));
  };
}

/** An array of strings. */
export const texts: Decoder<readonly string[]> = list(text);

/** Return a decoder of an object with members of any names, each of which `decoder` reads. */
export function mapping<T>(decoder: Decoder<T>): Decoder<Readonly<Record<string, T>>> {
  return (value, at) =>
    Object.fromEntries(
      Object.entries(table(value, at)).map(([name, item]) => [name, decoder(item, `${at}.${name}`)]),
    );
}

/** Return a decoder of an object with the named members; it leaves out the others. */
export function record<T extends object>(members: {
  readonly [K in keyof T]: Decoder<T[K]>;
}): Decoder<T> {
  const names = Object.keys(members) as (keyof T & string)[];
  return (value, at) => {
    const source = table(value, at);
    const decoded: Partial<T> = {};
    for (const name of names) {
      decoded[name] = members[name](source[name], `${at}.${name}`);
    }
    return decoded as T;
  };
}

/** Return whether a value is an object with members: not null, not an array. */
export function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function describe(value: unknown): string {
  if (value === undefined) {
    return "nothing";
  }
  const shown = JSON.stringify(value);
  return shown.length > 60 ? `${shown.slice(0, 60)}...` : shown;
}
