import { show } from "./show.js";

/** Base of every error the library throws on purpose. The message says what was given, what was wanted, what to do. */
export class WasmgradError extends Error {
  // Each class states its name: the name of the class itself changes when a bundle is minified.
  override readonly name: string = "WasmgradError";
}

/** Shapes that do not fit together; thrown when a model or graph is built, naming the layer, what it got and wants. */
export class ShapeError extends WasmgradError {
  override readonly name: string = "ShapeError";
}

/** An option or value outside its domain: a NaN learning rate, a label that is no class, an empty data set. */
export class ArgumentError extends WasmgradError {
  override readonly name: string = "ArgumentError";
}

/** Linear memory is exhausted; the message names the bytes asked for. */
export class MemoryError extends WasmgradError {
  override readonly name: string = "MemoryError";
}

/** A file that is not what its format demands; names the file, what was expected and what was found. */
export class FormatError extends WasmgradError {
  override readonly name: string = "FormatError";
}

/** Data asked for that this program did not keep, or an engine used after it was closed. */
export class StateError extends WasmgradError {
  override readonly name: string = "StateError";
}

/** A kernel trapped or a host call threw; names the record, its kernel and the layer it came from. */
export class KernelError extends WasmgradError {
  override readonly name: string = "KernelError";
}

/** A step of a training with a loss, gradient or result that is NaN or infinite; names the step and where it came from. */
export class NonFiniteError extends WasmgradError {
  override readonly name: string = "NonFiniteError";
}

/** Longest side of a shape, and greatest value of options that kernels count with. */
export const mostLength = 2 ** 31 - 1;

/** Throws ArgumentError unless `value` is a finite number within [minimum, maximum]. */
export function checkNumber(
  name: string,
  value: number,
  minimum = -Infinity,
  maximum = Infinity,
  exclusiveMaximum = false,
): number {
  // Finite first: not everything that is given can be compared with a number.
  if (Number.isFinite(value) && value >= minimum && (exclusiveMaximum ? value < maximum : value <= maximum))
    return value;
  const bound = `[${minimum}, ${maximum}${exclusiveMaximum ? ")" : "]"}`;
  throw new ArgumentError(`${name} must be a finite number in ${bound}, got ${show(value)}`);
}

/** Throws ArgumentError unless `value` is an integer of at least `minimum`. */
export function checkInteger(name: string, value: number, minimum = 0, maximum = Number.MAX_SAFE_INTEGER): number {
  if (Number.isInteger(value) && value >= minimum && value <= maximum) return value;
  const bound = maximum === Number.MAX_SAFE_INTEGER ? `of at least ${minimum}` : `from ${minimum} to ${maximum}`;
  throw new ArgumentError(`${name} must be an integer ${bound}, got ${show(value)}`);
}

const longestMessage = 2000;

/** The message of whatever was thrown, which may be no Error. Never throws. */
export function messageOf(thrown: unknown): string {
  try {
    if (typeof thrown === "string") return thrown.slice(0, longestMessage);
    if (typeof thrown === "object" && thrown !== null) {
      const { message, name } = thrown as { readonly message?: unknown; readonly name?: unknown };
      if (typeof message === "string" && message !== "") return message.slice(0, longestMessage);
      if (message === "" && typeof name === "string") return name.slice(0, longestMessage);
    }
  } catch {
    // What throws when it is looked at is shown like any other object.
  }
  return `${show(thrown)} was thrown`;
}

/** Whether the library threw it on purpose. Never throws. */
export function isWasmgradError(thrown: unknown): thrown is WasmgradError {
  try {
    return thrown instanceof WasmgradError;
  } catch {
    return false;
  }
}
