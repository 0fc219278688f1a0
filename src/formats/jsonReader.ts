import { excerpt } from "../engine/index.js";

/** Throws, with a problem that begins "expected …, found …". */
export type Reject = (problem: string) => never;

/**
 * Reads a JSON text value by value, so that what is not wanted is refused where it stands, before it is built. It does not
 * recurse: what values may hold is up to the caller.
 */
export class JsonReader {
  private at = 0;
  /** With no more digits than a double has a use for. */
  private readonly numberPattern = /-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,3})?/y;

  constructor(
    private readonly text: string,
    private readonly reject: Reject,
  ) {}

  /** The character that the next value or mark begins with; "" at the end of the text. */
  peek(): string {
    while (isSpace(this.text.charCodeAt(this.at))) this.at++;
    return this.text.charAt(this.at);
  }

  /** Takes a mark if it is the next. */
  takes(mark: string): boolean {
    const isNext = this.peek() === mark;
    if (isNext) this.at++;
    return isNext;
  }

  /** Reads the members of an object: `visit` reads the value of each. Rejects a key that `known` has. */
  members(known: { has(key: string): boolean }, visit: (key: string) => void): void {
    this.take("{");
    if (this.takes("}")) return;
    do {
      if (this.peek() !== '"') this.rejectSyntax();
      const key = this.string();
      if (known.has(key)) this.reject(`expected distinct names, found ${excerpt(key)} twice`);
      this.take(":");
      visit(key);
    } while (this.takes(","));
    this.take("}");
  }

  /** Reads an array of at most `most` non-negative integers; undefined, with nothing read, if something else is next. */
  counts(most: number): number[] | undefined {
    const start = this.at;
    const counts: number[] = [];
    if (this.takes("[")) {
      if (this.takes("]")) return counts;
      while (counts.length < most) {
        const number = this.number();
        if (!Number.isSafeInteger(number) || number < 0) break;
        counts.push(number);
        if (this.takes("]")) return counts;
        if (!this.takes(",")) break;
      }
    }
    this.at = start;
    return undefined;
  }

  /** Reads a string, which must be next. */
  string(): string {
    const start = this.at;
    let end = this.text.indexOf('"', start + 1);
    while (end > 0 && this.isEscaped(end)) end = this.text.indexOf('"', end + 1);
    if (end < 0) this.rejectSyntax();
    try {
      const value = JSON.parse(this.text.slice(start, end + 1)) as string;
      this.at = end + 1;
      return value;
    } catch {
      return this.rejectSyntax();
    }
  }

  /** Rejects anything but white space from here on. */
  end(): void {
    if (this.peek() !== "") this.rejectSyntax();
  }

  /** The text of the value that stands here, cut after some 60 characters. Rejects what begins no value. */
  excerpt(): string {
    if (!/[[{"\-0-9tfn]/.test(this.peek())) this.rejectSyntax();
    let depth = 0;
    let isInString = false;
    let length = 0;
    const rest = this.text.slice(this.at, this.at + 61);
    while (length < rest.length) {
      const character = rest.charAt(length);
      if (depth === 0 && !isInString && length > 0 && /[\s,\]}]/.test(character)) break;
      length += isInString && character === "\\" ? 2 : 1;
      if (character === '"') isInString = !isInString;
      if (isInString) continue;
      if (/[[{]/.test(character)) depth++;
      if (/[\]}]/.test(character)) depth--;
      if (depth === 0 && /[\]}"]/.test(character)) break;
    }
    const shown = rest.slice(0, Math.min(length, 60)).replace(/\s+/g, " ");
    return length > 60 ? `${shown}…` : shown;
  }

  /** Whether an odd number of backslashes stands before a character of a string. */
  private isEscaped(at: number): boolean {
    let backslashes = 0;
    while (this.text.charAt(at - 1 - backslashes) === "\\") backslashes++;
    return backslashes % 2 === 1;
  }

  /** Reads a number; NaN if something else is next. */
  private number(): number {
    this.peek();
    this.numberPattern.lastIndex = this.at;
    const found = this.numberPattern.exec(this.text)?.[0];
    if (found === undefined) return NaN;
    this.at += found.length;
    return Number(found);
  }

  private take(mark: string): void {
    if (!this.takes(mark)) this.rejectSyntax();
  }

  private rejectSyntax(): never {
    const rest = this.text.slice(this.at, this.at + 20);
    const found = rest === "" ? "its end" : JSON.stringify(rest);
    return this.reject(`expected a header in JSON, found ${found} at character ${this.at}`);
  }
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}
