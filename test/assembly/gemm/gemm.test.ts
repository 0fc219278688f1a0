import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Engine } from "../../../src/engine/index.js";
import { expectIdentical } from "../../expect.js";
import { Output, runKernel, testedBuilds, testEngine } from "../../kernel.js";
import { naiveGemm } from "../../oracle/gemm.js";
import { randomFloats, randomIntegers } from "../../random.js";

interface Case {
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  readonly packA?: boolean;
  readonly packB?: boolean;
  /** B is packed by the record itself, in scratch memory for so many threads and panels at a time. */
  readonly within?: { readonly slots: number; readonly panels: number };
  /** Floats between the end of a row and the next one, in a, b and c. */
  readonly padding?: number;
  readonly alpha?: number;
  readonly beta?: number;
  readonly hasBias?: boolean;
  readonly relu?: boolean;
  readonly chunk?: number;
  readonly threads?: number;
}

type Fill = (length: number, seed: number) => Float32Array;

/** `rows` × `columns` floats with rows `columns + padding` apart; the padding is NaN, and must not be touched. */
function matrix(rows: number, columns: number, padding: number, fill: Fill, seed: number): Float32Array {
  const stride = columns + padding;
  const data = new Float32Array(rows * stride).fill(NaN);
  const values = fill(rows * columns, seed);
  for (let row = 0; row < rows; row++) data.set(values.subarray(row * columns, (row + 1) * columns), row * stride);
  return data;
}

function pack(engine: Engine, b: Float32Array, K: number, N: number, rowStride: number, columnStride: number) {
  const packed = new Output(K * Math.ceil(N / 8) * 8);
  return runKernel(engine, "gemmPack", { b, packed, rowStride, columnStride, K, N }).packed!;
}

/** Fields of a record that packs B itself; the kernel takes at most 384 rows of a panel at a time. */
function packedWithin(K: number, within: Case["within"]) {
  if (!within) return { scratch: 0, slots: 0, slotBytes: 0 };
  const slotBytes = Math.max(Math.min(K, 384), 1) * 32 * within.panels;
  return { scratch: new Output((within.slots * slotBytes) / 4), slots: within.slots, slotBytes };
}

/** What the kernel computes and what the definition says, both M × N without padding. */
function compute(
  engine: Engine,
  fill: Fill,
  given: Case,
): { actual: Float32Array; expected: Float64Array; terms: () => Float64Array } {
  const { M, N, K, padding = 0, alpha = 1, beta = 0, relu = false, threads = 1, chunk = Math.max(K, 1) } = given;
  const { transposeA = false, transposeB = false, packA = false, packB = false, within, hasBias = false } = given;
  const a = transposeA ? matrix(K, M, padding, fill, 1) : matrix(M, K, padding, fill, 1);
  const b = transposeB ? matrix(N, K, padding, fill, 2) : matrix(K, N, padding, fill, 2);
  const lda = (transposeA ? M : K) + padding;
  const ldb = (transposeB ? K : N) + padding;
  const ldc = N + padding;
  const bias = hasBias ? fill(N, 3) : undefined;
  const before = beta === 0 ? new Float32Array(M * ldc).fill(NaN) : matrix(M, N, padding, fill, 4);
  const chunks = Math.max(Math.ceil(K / chunk), 1);
  const operands = {
    a: packA ? pack(engine, a, K, M, lda, 1) : a,
    b: packB ? pack(engine, b, K, N, transposeB ? 1 : ldb, transposeB ? ldb : 1) : b,
    ...{ M, N, K, lda, ldb, chunk, transposeA, packedA: packA, packedB: packB },
    ...packedWithin(K, within),
    transposeB: transposeB && within !== undefined,
  };
  const epilogue = { bias: bias ?? 0, alpha, beta, relu };
  let c: Float32Array;
  if (chunks === 1) {
    const fields = { ...operands, ...epilogue, c: before, ldc };
    c = runKernel(engine, "gemm", fields, { threads, inPlace: ["c"] }).c!;
  } else {
    const fields = { ...operands, bias: 0, alpha: 1, beta: 0, relu: false, c: new Output(chunks * M * N), ldc: N };
    const partials = runKernel(engine, "gemm", fields, { threads }).c!;
    const reduction = { partials, chunks, ...epilogue, M, N, ldc, c: before };
    c = runKernel(engine, "gemmReduce", reduction, { threads, inPlace: ["c"] }).c!;
  }
  const actual = new Float32Array(M * N);
  for (let m = 0; m < M; m++) {
    actual.set(c.subarray(m * ldc, m * ldc + N), m * N);
    expect(c.subarray(m * ldc + N, (m + 1) * ldc).every(Number.isNaN), "padding of c").toBe(true);
  }
  const product = {
    ...{ M, N, K, alpha, beta, c: before, ldc, bias, relu },
    a: { data: a, stride: lda, isTransposed: transposeA },
    b: { data: b, stride: ldb, isTransposed: transposeB },
  };
  const magnitude = (data: ArrayLike<number>): number[] => Array.from(data, Math.abs);
  const terms = () =>
    naiveGemm({
      ...product,
      a: { ...product.a, data: magnitude(a) },
      b: { ...product.b, data: magnitude(b) },
      c: magnitude(before),
      bias: bias && magnitude(bias),
      alpha: Math.abs(alpha),
      beta: Math.abs(beta),
    });
  return {
    actual,
    get expected() {
      return naiveGemm(product);
    },
    terms,
  };
}

function expectExact(engine: Engine, given: Case): void {
  const { actual, expected } = compute(engine, randomIntegers, given);
  // −0 and 0 are the same result here.
  expectIdentical(
    actual.map((value) => value + 0),
    expected.map((value) => value + 0),
  );
}

/** Ways to hand the operands over: the four transposed forms, with packing wherever it is possible. */
const forms = [
  { transposeA: false, transposeB: false, packB: true },
  { transposeA: false, transposeB: false },
  { transposeA: false, transposeB: true, packB: true },
  { transposeA: true, transposeB: false, packB: true },
  { transposeA: true, transposeB: false },
  { transposeA: true, transposeB: true, packB: true },
  { transposeA: true, packA: true, transposeB: false },
  { transposeA: true, packA: true, transposeB: true, packB: true },
  { transposeA: false, transposeB: false, within: { slots: 3, panels: 1 } },
  { transposeA: false, transposeB: true, within: { slots: 2, panels: 4 } },
  { transposeA: true, transposeB: false, within: { slots: 1, panels: 2 } },
  { transposeA: true, packA: true, transposeB: true, within: { slots: 8, panels: 4 } },
];
const named = forms.map((form) => {
  const letter = (name: string, isTransposed: boolean, isPacked = false): string =>
    `${isPacked ? "packed " : ""}${name}${isTransposed ? "ᵀ" : ""}`;
  const within = form.within ? ` packed within, ${form.within.panels} panels at a time` : "";
  return [
    `${letter("A", form.transposeA, form.packA)} · ${letter("B", form.transposeB, form.packB)}${within}`,
    form,
  ] as const;
});

const sizes = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 67, 127];

describe.each(testedBuilds)("gemm (%s)", async (build) => {
  const engine = await testEngine(build);

  it.each(named)("%s is exact for integers at every size around the tiles' edges", (_name, form) => {
    // A walk through sizes × sizes × sizes that meets every size in every place.
    for (let step = 0; step < 51; step++) {
      const M = sizes[step % sizes.length]!;
      const N = sizes[(step * 5 + 3) % sizes.length]!;
      const K = sizes[(step * 7 + 11 + Math.floor(step / sizes.length)) % sizes.length]!;
      expectExact(engine, { ...form, M, N, K, padding: step % 3, threads: 1 + (step % 4) });
    }
    for (const M of [1, 2, 3, 4, 5, 7, 8, 9]) {
      for (const N of [1, 2, 3, 4, 5, 6, 7, 8, 9, 31, 33]) expectExact(engine, { ...form, M, N, K: 5 });
    }
  });

  it.each(named)("%s is exact for integers where blocks of K, of rows and of columns end", (_name, form) => {
    for (const K of [383, 384, 385, 769]) expectExact(engine, { ...form, M: 5, N: 9, K, hasBias: true, relu: true });
    expectExact(engine, { ...form, M: 173, N: 10, K: 400, beta: 2, threads: 2 });
    expectExact(engine, { ...form, M: 3, N: 300, K: 390, threads: 3 });
  });

  it.each(named)("%s applies alpha, beta, bias and ReLU", (_name, form) => {
    for (const K of [0, 3, 300]) {
      for (const alpha of [1, -2, 0]) {
        for (const beta of [0, 1, 3]) {
          for (const [hasBias, relu] of [
            [false, false],
            [true, false],
            [false, true],
            [true, true],
          ] as const) {
            expectExact(engine, { ...form, M: 6, N: 13, K, alpha, beta, hasBias, relu, padding: 1 });
          }
        }
      }
    }
  });

  it.each(named)("%s sums in chunks of K that a second record adds", (_name, form) => {
    for (const chunk of [1, 100, 300]) {
      for (const threads of [1, 2, 3]) {
        const given = { ...form, M: 9, N: 19, K: 700, chunk, threads, padding: 2 };
        expectExact(engine, given);
        expectExact(engine, { ...given, alpha: 2, beta: 1, hasBias: true, relu: true });
      }
    }
  });

  it.each(named)("%s gives the same bits for 1, 2, 3 and 7 threads", (_name, form) => {
    for (const [M, N, K, chunk] of [
      [67, 33, 301, 301],
      [5, 127, 64, 64],
      [300, 9, 33, 33],
      [9, 16, 900, 256],
    ] as const) {
      const given = { ...form, M, N, K, chunk, hasBias: true };
      const single = compute(engine, randomFloats, given).actual;
      for (const threads of [2, 3, 7]) {
        expectIdentical(compute(engine, randomFloats, { ...given, threads }).actual, single);
      }
    }
  });

  it.each([
    { transposeA: false, transposeB: false },
    { transposeA: true, transposeB: false },
    { transposeA: false, transposeB: true },
    { transposeA: true, transposeB: true },
  ])("gives the same bits however its operands are packed, with %o", (form) => {
    // Below four rows a B by rows is walked along, which adds in another order; so it is where B is packed first.
    const shape = fc.record({
      M: fc.oneof(fc.integer({ min: 4, max: 40 }), fc.constantFrom(169, 180)),
      N: fc.integer({ min: 1, max: 45 }),
      K: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.constantFrom(384, 385, 800)),
      chunk: fc.constantFrom(10_000, 300),
      threads: fc.integer({ min: 1, max: 3 }),
      alpha: fc.constantFrom(1, 0.3),
      beta: fc.constantFrom(0, 1, 0.6),
      hasBias: fc.boolean(),
      relu: fc.boolean(),
    });
    const waysOfA = form.transposeA ? [{ packA: false }, { packA: true }] : [{ packA: false }];
    const waysOfB: Partial<Case>[] = [{ packB: true }, { within: { slots: 3, panels: 2 } }];
    if (!form.transposeB) waysOfB.push({ packB: false });
    fc.assert(
      fc.property(shape, (given) => {
        const results = waysOfA.flatMap((a) =>
          waysOfB.map((b) => compute(engine, randomFloats, { ...form, ...given, ...a, ...b }).actual),
        );
        for (const result of results) expectIdentical(result, results[0]!);
      }),
      { numRuns: build === "simd" ? 40 : 15, seed: 1 },
    );
  });

  it.each(named)("%s is within K · 2⁻²⁴ of the sum of the terms' magnitudes", (_name, form) => {
    fc.assert(
      fc.property(
        fc.record({
          M: fc.integer({ min: 1, max: 40 }),
          N: fc.integer({ min: 1, max: 40 }),
          K: fc.integer({ min: 0, max: 300 }),
          padding: fc.integer({ min: 0, max: 5 }),
          threads: fc.integer({ min: 1, max: 4 }),
          alpha: fc.constantFrom(1, 0.3, -1.7),
          beta: fc.constantFrom(0, 1, 0.6),
          hasBias: fc.boolean(),
          relu: fc.boolean(),
        }),
        (shape) => {
          const { actual, expected, terms } = compute(engine, randomFloats, { ...form, ...shape });
          // (1 + u)^n − 1 with n roundings on each term's way: K sums and products, alpha, beta, C, bias.
          const bound = (shape.K + 6) * 2 ** -24 * 1.01;
          const magnitudes = terms();
          expected.forEach((value, i) => {
            const difference = Math.abs(actual[i]! - value);
            if (!(difference <= bound * magnitudes[i]!)) expect.fail(`element ${i} is off by ${difference}`);
          });
        },
      ),
      { numRuns: build === "simd" ? 30 : 10, seed: 1 },
    );
  });

  it.each(named)("%s passes NaN and infinities of A and B on to their rows and columns only", (_name, form) => {
    const [M, N, K] = [6, 11, 5];
    const poison: Fill = (length, seed) => {
      const values = randomIntegers(length, seed);
      if (seed === 1) values[form.transposeA ? 2 * M + 5 : 5 * K + 2] = NaN;
      if (seed === 2) values[form.transposeB ? 10 * K + 2 : 2 * N + 10] = Infinity;
      return values.map((value) => (value === 0 ? 1 : value));
    };
    for (const relu of [false, true]) {
      const { actual, expected } = compute(engine, poison, { ...form, M, N, K, relu });
      expectIdentical(
        actual.map((value) => value + 0),
        expected.map((value) => value + 0),
      );
      expect(actual.filter(Number.isNaN).length).toBe(N);
    }
  });
});
