// What is thrown in one thread and reported in another. Nothing here throws, whatever it is given: getters, proxies and
// messages of others included.
import {
  ArgumentError,
  FormatError,
  KernelError,
  MemoryError,
  NonFiniteError,
  ShapeError,
  StateError,
  WasmgradError,
} from "../engine/index.js";

/** An error as a plain object: a structured clone of an error would lose its class, or fail over its properties. */
export interface ErrorRecord {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly cause?: ErrorRecord;
  /** Of an AggregateError. */
  readonly errors?: readonly ErrorRecord[];
}

type ErrorClass = new (message: string, options?: ErrorOptions) => Error;

const classes: Readonly<Record<string, ErrorClass>> = {
  ...{ WasmgradError, ArgumentError, FormatError, KernelError, MemoryError, NonFiniteError, ShapeError, StateError },
  ...{ RangeError, ReferenceError, SyntaxError, TypeError },
};

/** Characters. Longer texts are cut: a message that quotes a file must not be copied from thread to thread whole. */
const longest = { name: 100, message: 10_000, stack: 20_000 };

/** Errors in one record, with their causes and parts: more than help, and an end to those that go round in circles. */
const mostErrors = 16;

/** A property of anything; undefined if reading it throws. */
export function read(from: unknown, property: string | symbol): unknown {
  try {
    return (from as Readonly<Record<string | symbol, unknown>> | null | undefined)?.[property];
  } catch {
    return undefined;
  }
}

/** Whether anything is an array. Of a revoked proxy, JavaScript's own answer is an exception. */
export function isList(value: unknown): value is readonly unknown[] {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

/** Anything as text, which for a thing that was thrown says most. */
export function textOf(value: unknown): string {
  try {
    // Not their elements, which may be many.
    const hasElements = isList(value) || ArrayBuffer.isView(value);
    return cut(hasElements ? Object.prototype.toString.call(value) : String(value), longest.message);
  } catch {
    return `${typeof value === "object" ? "an object" : `a ${typeof value}`} that cannot be printed`;
  }
}

/** The message of what was thrown, or the thing itself as text. */
export function reasonOf(thrown: unknown): string {
  return toRecord(thrown).message;
}

/** A record of what was thrown: of an error, or of anything else as the message of one. */
export function toRecord(thrown: unknown): ErrorRecord {
  return record(thrown, { errors: mostErrors });
}

/** The error again, of its class if the class is the library's or JavaScript's, with the stack it had over there. */
export function fromRecord(received: unknown): Error {
  return restore(toRecord(received));
}

/** Hands on what a listener threw, as hosts do with what their own listeners throw: it is uncaught. */
export function reportException(error: unknown): void {
  const { reportError } = globalThis as { reportError?: (error: unknown) => void };
  if (reportError) reportError(error);
  else {
    queueMicrotask(() => {
      throw error;
    });
  }
}

function record(thrown: unknown, left: { errors: number }): ErrorRecord {
  left.errors--;
  if (!isError(thrown)) return { name: "Error", message: textOf(thrown) };
  const [name, message, stack] = [read(thrown, "name"), read(thrown, "message"), read(thrown, "stack")];
  const [cause, errors] = [read(thrown, "cause"), elements(read(thrown, "errors"))];
  return {
    name: typeof name === "string" ? cut(name, longest.name) : "Error",
    message: typeof message === "string" ? cut(message, longest.message) : textOf(message),
    ...(typeof stack === "string" && { stack: cut(stack, longest.stack) }),
    ...(cause !== undefined && left.errors > 0 && { cause: record(cause, left) }),
    ...(errors && { errors: errors.flatMap((part) => (left.errors > 0 ? [record(part, left)] : [])) }),
  };
}

/** Errors of other realms and records of errors are recognised by their message. */
function isError(thrown: unknown): boolean {
  try {
    return thrown instanceof Error || typeof read(thrown, "message") === "string";
  } catch {
    return false;
  }
}

/** The first elements of an array; undefined if it is none. */
function elements(list: unknown): unknown[] | undefined {
  if (!isList(list)) return undefined;
  const length = Math.min(Number(read(list, "length")), mostErrors);
  return Array.from({ length }, (_, i) => read(list, String(i)));
}

function restore({ name, message, stack, cause, errors }: ErrorRecord): Error {
  const ErrorOfName = Object.hasOwn(classes, name) ? classes[name]! : Error;
  const options = cause && { cause: restore(cause) };
  const error = errors ? new AggregateError(errors.map(restore), message, options) : new ErrorOfName(message, options);
  // Other classes than these come as Error: the name says what it was.
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  return error;
}

/** A text of at most `limit` characters, which says how much was left out. */
function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const kept = limit - 40;
  return `${text.slice(0, kept)}… (${text.length - kept} more characters)`;
}
