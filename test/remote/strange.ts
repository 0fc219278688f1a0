import fc from "fast-check";
import { expect } from "vitest";

function throws(): never {
  throw new Error("no getter of this object may be read");
}

/** A proxy whose every trap throws. */
export function hostileProxy(target: object = {}): object {
  return new Proxy(target, new Proxy({}, { get: () => throws }));
}

function revokedProxy(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

/** An error some of whose properties are others' doing. */
function errorWith(properties: PropertyDescriptorMap): Error {
  const error = new Error("an error");
  // V8 writes the stack when it is first asked for, and reads name and message then.
  String(error.stack);
  return Object.defineProperties(error, properties);
}

function cyclicError(): Error {
  const error = new Error("round");
  error.cause = new Error("and round", { cause: error });
  return error;
}

class Secretive {
  readonly #secret = 1;
  get secret(): number {
    return this.#secret;
  }
}

function detached(): ArrayBuffer {
  const buffer = new ArrayBuffer(8);
  structuredClone(buffer, { transfer: [buffer] });
  return buffer;
}

const megabytes = "x".repeat(5_000_000);
const longArray = Array.from({ length: 1e6 }, () => "element");

/** Things that somebody may throw, each made anew. */
export const strangeThings: Readonly<Record<string, () => unknown>> = {
  "a string": () => "only a string",
  "an empty string": () => "",
  "megabytes of text": () => megabytes,
  undefined: () => undefined,
  null: () => null,
  "a number": () => NaN,
  "a bigint": () => 12n,
  "a symbol": () => Symbol("a symbol"),
  "a function": () => () => undefined,
  "a plain object": () => ({ code: 404 }),
  "an object without prototype": () => Object.create(null) as object,
  "an object of private state": () => new Secretive(),
  "an object whose getters throw": () => ({
    get message() {
      return throws();
    },
    get name() {
      return throws();
    },
  }),
  "an object that cannot be printed": () => ({ toString: throws, toJSON: throws, [Symbol.toPrimitive]: throws }),
  "an object whose toString gives an object": () => ({ toString: () => ({}) }),
  "an object whose tag throws": () => ({
    get [Symbol.toStringTag]() {
      return throws();
    },
  }),
  "a proxy that throws": () => hostileProxy(),
  "a proxy of an error that throws": () => hostileProxy(new Error("within")),
  "a proxy of a function that throws": () => hostileProxy(() => undefined),
  "a revoked proxy": () => revokedProxy({}),
  "a revoked proxy of an array": () => revokedProxy([]),
  "a revoked proxy of a function": () => revokedProxy(() => undefined),
  "an array that contains itself": () => {
    const list: unknown[] = [];
    list.push(list);
    return list;
  },
  "a long array": () => longArray,
  "a detached buffer": () => detached(),
  "an array over a detached buffer": () => {
    const array = new Float32Array(2);
    structuredClone(array, { transfer: [array.buffer] });
    return array;
  },
  "an error whose cause is a function": () => new Error("an error", { cause: () => undefined }),
  "an error whose causes go round": () => cyclicError(),
  "an error whose cause is a hostile proxy": () => new Error("an error", { cause: hostileProxy() }),
  "an error of errors": () => new AggregateError([new TypeError("one"), "two", undefined], "several"),
  "an error of errors that contains itself": () => {
    const error = new AggregateError([], "several");
    error.errors = Array.from({ length: 100 }, () => error);
    return error;
  },
  "an error whose errors are revoked": () => Object.assign(new Error("an error"), { errors: revokedProxy([]) }),
  "an error that says megabytes": () => new Error(megabytes),
  "an error called megabytes": () => Object.assign(new Error("an error"), { name: megabytes }),
  "an error with a stack of megabytes": () => Object.assign(new Error("an error"), { stack: megabytes }),
  "an error whose name is a symbol": () => errorWith({ name: { value: Symbol("name") } }),
  "an error whose message is an object": () => errorWith({ message: { value: { toString: throws } } }),
  "an error whose stack is a function": () => errorWith({ stack: { value: () => undefined } }),
  "an error whose properties throw": () =>
    errorWith({ name: { get: throws }, message: { get: throws }, stack: { get: throws }, cause: { get: throws } }),
  "an error whose cause cannot be changed": () => Object.freeze(new Error("an error", { cause: Object.freeze({}) })),
};

/** Makes anything that may be thrown or sent: not the thing itself, which fast-check could not bear to look at. */
export const anything: fc.Arbitrary<() => unknown> = fc.oneof(
  fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true }).map(constant),
  fc.anything().map((value) => () => new Error("an error", { cause: value })),
  fc.record({ name: fc.anything(), message: fc.anything(), stack: fc.anything(), cause: fc.anything() }).map(constant),
  fc.constantFrom(...Object.values(strangeThings)),
);

function constant(value: unknown): () => unknown {
  return () => value;
}

/** Fails if a promise is not settled in time. */
export async function settled(promise: Promise<unknown>, what = "a request"): Promise<PromiseSettledResult<unknown>> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} was not answered`)), 5000);
  });
  try {
    const [result] = await Promise.race([Promise.allSettled([promise]), late]);
    return result;
  } finally {
    clearTimeout(timer);
  }
}

/** The error that a promise rejects with, in time. */
export async function rejection(promise: Promise<unknown>, what?: string): Promise<Error> {
  const result = await settled(promise, what);
  if (result.status === "fulfilled") expect.fail(`${what ?? "a request"} was fulfilled`);
  expect(result.reason).toBeInstanceOf(Error);
  return result.reason as Error;
}
