import { describe, expect, it } from "vitest";
import type { Engine } from "../../src/engine/index.js";
import { Graph, Program } from "../../src/graph/index.js";
import { createEngine } from "../../src/index.js";
import { matmul } from "../../src/ops/products/matmul.js";
import { reuseToPack, reuseToPackLeft } from "../../src/ops/products/packing.js";
import { expectIdentical } from "../expect.js";
import { randomFloats } from "../random.js";

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

describe("reuseToPack", () => {
  it("is the number of rows that take more than 6 lines of a set of the cache, for rows of whole lines", () => {
    for (let stride = 256; stride <= 4096; stride += 16) {
      const sets = 64 / gcd(64, stride / 16);
      for (const K of [1, 8, 16, 32, 64, 128]) {
        if (K * stride > 2 ** 16) continue;
        expect(reuseToPack(K, stride, 0), `${K} rows ${stride} apart`).toBe(K > 6 * sets ? 6 * sets + 1 : Infinity);
      }
    }
  });

  it.each([-2, -1, 1, 2])("is about the same for rows %i floats longer than whole pages", (more) => {
    for (const page of [1024, 2048, 3072, 4096]) {
      expect(reuseToPack(12, page + more, 0)).toBeGreaterThanOrEqual(7);
      expect(reuseToPack(12, page + more, 0)).toBeLessThanOrEqual(8);
      expect(reuseToPack(12, page + 8 * more, 0)).toBe(Infinity);
    }
  });

  it("counts the rows of the result that a tile touches", () => {
    expect(reuseToPack(4, 2048, 0)).toBe(Infinity);
    expect(reuseToPack(4, 2048, 4)).toBe(7);
  });

  it("is infinite for rows nearer than 1 KB, which are fetched ahead, and at most 32 where rows take more than 64 pages", () => {
    for (const stride of [0, 8, 64, 128, 192, 255]) expect(reuseToPack(256, stride, 4)).toBe(Infinity);
    expect(reuseToPack(384, 200, 4)).toBe(32);
    expect(reuseToPack(66, 1008, 4)).toBe(32);
  });
});

describe("reuseToPackLeft", () => {
  it("packs rows that lie apart in few sets of the cache, from 64 columns of C on, but not dense or repeated ones", () => {
    for (const distance of [256, -256, 512, 768, 1024]) expect(reuseToPackLeft(64, 32, distance, false)).toBe(64);
    for (const distance of [32, 0, 33, 96, 272]) expect(reuseToPackLeft(64, 32, distance, false)).toBe(Infinity);
    for (const K of [256, 512, 1024]) expect(reuseToPackLeft(400, K, K, false)).toBe(Infinity);
    expect(reuseToPackLeft(16, 32, 256, false)).toBe(Infinity);
  });

  it("packs columns that are long to walk down from 128 columns of C on, where nothing else asks for it sooner", () => {
    expect(reuseToPackLeft(64, 256, 64, true)).toBe(128);
    expect(reuseToPackLeft(64, 255, 64, true)).toBe(Infinity);
    expect(reuseToPackLeft(2048, 256, 2048, true)).toBe(7);
  });
});

interface Product {
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

function compile(engine: Engine, { M, N, K, transposeA = false, transposeB = false }: Product) {
  const graph = new Graph();
  const a = graph.input(transposeA ? [K, M] : [M, K], "a");
  const b = graph.input(transposeB ? [N, K] : [K, N], "b");
  const c = matmul(a, b, { transposeA, transposeB });
  const program = new Program(engine, graph, { outputs: [c] });
  program.write(a, randomFloats(a.size, 1));
  program.write(b, randomFloats(b.size, 2));
  return { program, c };
}

describe("a product", async () => {
  const engine = await createEngine({ threads: 1 });
  /** What is packed, and where. */
  const packing = (product: Product): string => {
    const { program } = compile(engine, product);
    const packs = program.linked.calls.filter(({ kernel }) => kernel === "gemmPack").length;
    const { packedA, packedB, scratch } = program.linked.calls.at(-1)!.fields;
    program.dispose();
    expect(packs).toBe(Number(packedA) + Number(packedB));
    return [packedA && "A", packedB && "B", scratch !== 0 && "B within"].filter((name) => name).join(", ");
  };

  it("packs B where its rows lie in few sets of the cache and enough rows of A meet it", () => {
    expect(packing({ M: 64, K: 64, N: 1008 })).toBe("");
    for (const N of [512, 768, 1022, 1023, 1024, 1025, 1026, 1536]) expect(packing({ M: 64, K: 64, N })).toBe("B");
    expect(packing({ M: 4, K: 64, N: 1024 })).toBe("");
    expect(packing({ M: 16, K: 64, N: 1024 })).toBe("B");
    expect(packing({ M: 16, K: 64, N: 768 })).toBe("");
    expect(packing({ M: 64, K: 32, N: 2048 })).toBe("B");
  });

  it("packs Aᵀ likewise", () => {
    expect(packing({ M: 1008, K: 64, N: 64, transposeA: true })).toBe("B");
    for (const M of [1022, 1024, 1026, 2048]) expect(packing({ M, K: 64, N: 64, transposeA: true })).toBe("A, B");
    expect(packing({ M: 1024, K: 64, N: 4, transposeA: true })).toBe("B");
    expect(packing({ M: 1024, K: 64, N: 1024, transposeA: true })).toBe("A, B");
    expect(packing({ M: 64, K: 255, N: 128, transposeA: true })).toBe("");
    expect(packing({ M: 64, K: 256, N: 127, transposeA: true })).toBe("");
    expect(packing({ M: 64, K: 256, N: 128, transposeA: true })).toBe("A");
  });

  it("packs a B that is larger than what its threads hold of it only within the record that uses it", () => {
    expect(packing({ M: 64, K: 1024, N: 1024 })).toBe("B within");
    expect(packing({ M: 64, K: 1024, N: 1024, transposeB: true })).toBe("B within");
    expect(packing({ M: 1, K: 1024, N: 1024, transposeB: true })).toBe("B within");
    expect(packing({ M: 64, K: 64, N: 2048 })).toBe("B");
    expect(packing({ M: 64, K: 64, N: 2049 })).toBe("B within");
    expect(packing({ M: 2060, K: 64, N: 2060, transposeA: true })).toBe("A, B within");
    expect(packing({ M: 1, K: 1024, N: 1024 })).toBe("");
  });
});

describe("a product that packs B within its record", async () => {
  const team = await createEngine({ threads: 3 });
  const alone = await createEngine({ threads: 1 });

  it.each([
    { M: 64, K: 400, N: 2100 },
    { M: 300, K: 130, N: 2060 },
    { M: 20, K: 64, N: 4100, transposeA: true, transposeB: true },
    { M: 5, K: 1500, N: 700, transposeB: true },
  ])("gives the same bits on three threads as on one: %o", (product) => {
    const [expected, actual] = [alone, team].map((engine) => {
      const { program, c } = compile(engine, product);
      program.run();
      return program.read(c);
    });
    expectIdentical(actual!, expected!);
  });
});
