import { type Engine, Graph, nn, optim } from "../../src/index.js";

/** What a caller may give where something else is wanted. */
export function oddities(engine: Engine): readonly (readonly [name: string, value: unknown])[] {
  const holes: unknown[] = [];
  holes.length = 3;
  return Object.entries({
    undefined,
    null: null,
    NaN,
    Infinity,
    "minus one": -1,
    half: 0.5,
    "2^53": 2 ** 53,
    "no text": "",
    // No path of a file, so nothing is written anywhere.
    text: "\0odd",
    true: true,
    "a symbol": Symbol("odd"),
    "a bigint": 3n,
    "no elements": [],
    holes,
    nested: [[1], [2, 3]],
    "an array of anything": [undefined, null, "x", {}],
    "no properties": {},
    "no prototype": Object.create(null) as unknown,
    "a function": () => 1,
    "an async function": async () => Promise.resolve(1),
    "a class": class {
      readonly odd = 1;
    },
    "a date": new Date(),
    "a map": new Map([["x", 1]]),
    "a promise": Promise.resolve(1),
    floats: new Float32Array(2),
    bigints: new BigInt64Array(1),
    buffer: new ArrayBuffer(4),
    "a proxy": new Proxy({}, {}),
    "a factory of layers": nn.linear,
    "a factory of optimizers": optim.adam,
    "an engine": engine,
    "a graph": new Graph(),
    "a value": new Graph().input([2], "odd"),
  });
}
