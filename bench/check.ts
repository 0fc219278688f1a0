import type { Row } from "./row.js";

/** Throws unless the results of WebAssembly and JavaScript agree within the row's tolerance. */
export function checkAgreement(row: Row, flavour: string, actual: Float32Array, expected: Float32Array): void {
  const name = `${row.name} ${row.shape}`;
  if (actual.length !== expected.length) {
    throw new Error(`${name}: ${actual.length} results in WebAssembly, ${expected.length} in ${flavour} JavaScript`);
  }
  const scale = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-30);
  actual.forEach((value, i) => {
    const difference = Math.abs(value - expected[i]!);
    if (!(difference <= row.tolerance * scale)) {
      throw new Error(`${name}: element ${i} is ${value} in WebAssembly and ${expected[i]} in ${flavour} JavaScript`);
    }
  });
}
