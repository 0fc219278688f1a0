import {
  ArgumentError,
  FormatError,
  KernelError,
  MemoryError,
  ShapeError,
  StateError,
  WasmgradError,
} from "../engine/index.js";

/** An error as a plain object: a structured clone of an error would lose its class. */
export interface ErrorRecord {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly cause?: ErrorRecord;
}

type ErrorClass = new (message: string, options?: ErrorOptions) => Error;

const classes: Readonly<Record<string, ErrorClass>> = {
  ...{ WasmgradError, ArgumentError, FormatError, KernelError, MemoryError, ShapeError, StateError },
  ...{ RangeError, ReferenceError, SyntaxError, TypeError },
};

/** More than any chain of causes that helps; ends those that go round in circles. */
const mostCauses = 8;

export function toRecord(error: unknown, causes = mostCauses): ErrorRecord {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  const { name, message, stack, cause } = error;
  const hasCause = cause !== undefined && causes > 0;
  return { name, message, ...(stack && { stack }), ...(hasCause && { cause: toRecord(cause, causes - 1) }) };
}

/** The error again, of its class if the class is the library's or JavaScript's, with the stack it had over there. */
export function fromRecord({ name, message, stack, cause }: ErrorRecord): Error {
  const ErrorOfName = Object.hasOwn(classes, name) ? classes[name]! : Error;
  const error = new ErrorOfName(message, cause && { cause: fromRecord(cause) });
  // Other classes than these come as Error: the name says what it was.
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  return error;
}
