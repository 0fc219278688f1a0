import { ArgumentError, checkInteger, checkNumber } from "./errors.js";
import { show } from "./show.js";

/** Reads one option: gives what was given, perhaps in another form, or throws ArgumentError naming it. */
export type Reader<T> = (name: string, given: unknown) => T;
/** How each option of a function is read. */
export type Readers<Options> = { readonly [Name in keyof Options]-?: Reader<unknown> };
/** What `readOptions` makes of options. */
export type OptionsRead<R> = { readonly [Name in keyof R]: R[Name] extends Reader<infer T> ? T : never };

/**
 * The options that a function was given, all of them checked.
 * @param owner whose options they are, e.g. "nn.conv2d"
 * @param prefix what messages put before the name of an option
 * @throws ArgumentError for what is no object of options, an unknown name, and what a reader refuses
 */
export function readOptions<Options extends object, R extends Readers<Options>>(
  owner: string,
  given: Options,
  readers: R & Readers<Options>,
  prefix = "",
): OptionsRead<R> {
  const names = Object.keys(readers) as (keyof Options & string)[];
  checkOptions(owner, given, names);
  return Object.fromEntries(names.map((name) => [name, readers[name](prefix + name, given[name])])) as OptionsRead<R>;
}

/** An option that may be left out. */
export function optional<T>(reader: Reader<T>): Reader<T | undefined>;
export function optional<T, D>(reader: Reader<T>, standard: D): Reader<T | D>;
export function optional<T>(reader: Reader<T>, standard?: T): Reader<T | undefined> {
  return (name, given) => (given === undefined ? standard : reader(name, given));
}

/** Options of which all but one were left out, and that one given bare: 2 for { kernelSize: 2 }. */
export function spelledOut<Options extends object>(
  given: Options | number | readonly number[],
  name: keyof Options,
): Options {
  const isBare = typeof given === "number" || Array.isArray(given);
  return isBare ? ({ [name]: given } as unknown as Options) : (given as Options);
}

/** True or false. */
export const flag: Reader<boolean> = (name, given) => {
  checkBoolean(name, given);
  return given as boolean;
};

/** An integer from `minimum` to `maximum`. */
export function integerFrom(minimum: number, maximum?: number): Reader<number> {
  return (name, given) => checkInteger(name, given as number, minimum, maximum);
}

/** A finite number from `minimum` to `maximum`. */
export function numberFrom(minimum: number, maximum = Infinity): Reader<number> {
  return (name, given) => checkNumber(name, given as number, minimum, maximum);
}

/** A number of at least `minimum` and less than `limit`. */
export function numberBelow(minimum: number, limit: number): Reader<number> {
  return (name, given) => checkNumber(name, given as number, minimum, limit, true);
}

/** One of some words. */
export function oneOf<const Word extends string>(words: readonly Word[]): Reader<Word> {
  return (name, given) => {
    if ((words as readonly unknown[]).includes(given)) return given as Word;
    throw new ArgumentError(`${name} must be one of ${words.map(show).join(", ")}; got ${show(given)}`);
  };
}

/** A function. `example` says what one looks like. */
export function functionLike<F>(example: string): Reader<F> {
  return (name, given) => {
    checkFunction(name, given, example);
    return given as F;
  };
}

/** What is looked at elsewhere. */
export function unread<T>(): Reader<T> {
  return (_, given) => given as T;
}

/**
 * Checks the options that a function was given, before it reads any.
 * @param owner whose options they are, e.g. "optim.adam"
 * @param known the names of all it has
 * @throws ArgumentError for what is no object of options, and for an unknown name, with the nearest known one
 */
export function checkOptions<Options extends object>(
  owner: string,
  given: Options,
  known: readonly (keyof Options & string)[],
): void {
  const value: unknown = given;
  if (typeof value !== "object" || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) {
    throw new ArgumentError(`${owner} wants an object of options (${known.join(", ")}), got ${show(value)}`);
  }
  for (const name of Object.keys(value)) {
    if (known.includes(name as keyof Options & string)) continue;
    if (!isPlain(value)) {
      const wanted = known.length === 0 ? "has no options" : `wants an object of options (${known.join(", ")})`;
      throw new ArgumentError(`${owner} ${wanted}, got ${show(value)}`);
    }
    if (known.length === 0) throw new ArgumentError(`${owner} has no options, got ${show(name)}`);
    const nearest = nearestName(name, known);
    const question = nearest === undefined ? "." : `; did you mean ${nearest}?`;
    throw new ArgumentError(`${owner} has no option ${show(name)}${question} It has ${known.join(", ")}`);
  }
}

/** Whether an object was written as a literal, in whatever realm. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Throws ArgumentError unless `value` is true or false. */
export function checkBoolean(name: string, value: unknown): void {
  if (typeof value !== "boolean") throw new ArgumentError(`${name} must be true or false, got ${show(value)}`);
}

/** Throws ArgumentError unless `value` is a text. */
export function checkText(name: string, value: unknown): void {
  if (typeof value !== "string") throw new ArgumentError(`${name} must be a text, got ${show(value)}`);
}

/** Throws ArgumentError unless `value` is a function that can be called. `example` says what one looks like. */
export function checkFunction(name: string, value: unknown, example: string): void {
  if (typeof value === "function" && !isClass(value)) return;
  const given = typeof value === "function" ? `the class ${value.name}` : show(value);
  throw new ArgumentError(`${name} must be a function such as ${example}, got ${given}`);
}

/** Whether a function is a class, which cannot be called without `new`. */
function isClass(value: object): boolean {
  return /^class\b/.test(Function.prototype.toString.call(value));
}

/** The one of `known` that whoever wrote `name` is likeliest to have meant: batch_size, batchsize, bs, batch, batchSise. */
export function nearestName<Name extends string>(name: string, known: readonly Name[]): Name | undefined {
  const given = plain(name);
  let best: Name | undefined;
  let least = Infinity;
  for (const candidate of known) {
    const distance = distanceOf(given, plain(candidate));
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}

/** 0 for equal names, then those that hold each other, then abbreviations, then misspellings; Infinity for others. */
function distanceOf(given: string, known: string): number {
  if (given === known) return 0;
  if (given === "") return Infinity;
  if (given.length > 2 && (known.includes(given) || given.includes(known))) return 1;
  if (given[0] === known[0] && isSubsequence(given, known)) return 2;
  const edits = editDistance(given.slice(0, 40), known);
  return edits <= Math.max(1, Math.floor(known.length / 3)) ? 2 + edits : Infinity;
}

function isSubsequence(letters: string, word: string): boolean {
  let found = 0;
  for (const letter of word) if (letter === letters[found]) found++;
  return found === letters.length;
}

/** Letters to insert, delete or replace (Levenshtein 1966). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + Number(a[i - 1] !== b[j - 1]);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
