import { describe, expect, it } from "vitest";
import { type KernelCall, LinkedProgram, Random } from "../../../src/engine/index.js";
import { bytesOfType, type DataType, type Emitter, type Shape, sizeOf } from "../../../src/graph/index.js";
import { MemoryRange } from "../../../src/graph/memoryRange.js";
import { emitStridedCopy } from "../../../src/graph/stridedCopy.js";
import { testedBuilds, testEngine } from "../../kernel.js";

/** Where elements lie: their first one, and their strides, in elements of an array of `length`. */
interface Layout {
  readonly length: number;
  readonly offset: number;
  readonly strides: readonly number[];
}

interface Copy {
  readonly shape: Shape;
  readonly from: Layout;
  readonly to: Layout;
}

/**
 * A layout of `shape` whose axes lie in `order`, the last innermost. Along an axis of negative step it runs backwards, and along
 * one of step 0 all elements are one. After each row of the innermost axis there are `gap` elements.
 */
function layout(shape: Shape, order: readonly number[], steps: readonly number[] = [], gap = 0): Layout {
  const strides = shape.map(() => 0);
  let [length, offset] = [1, 0];
  [...order].reverse().forEach((axis, place) => {
    const step = steps[axis] ?? 1;
    strides[axis] = step * length;
    if (step < 0) offset += (shape[axis]! - 1) * -step * length;
    length *= Math.max(Math.abs(step) * shape[axis]!, 1);
    if (place === 0) length += gap;
  });
  return { length, offset, strides };
}

const natural = (shape: Shape): readonly number[] => shape.map((_, axis) => axis);

function eachPlace({ shape, from, to }: Copy, visit: (from: number, to: number) => void): void {
  for (let place = 0; place < sizeOf(shape); place++) {
    let [rest, source, target] = [place, from.offset, to.offset];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const position = rest % shape[axis]!;
      rest = Math.floor(rest / shape[axis]!);
      source += position * from.strides[axis]!;
      target += position * to.strides[axis]!;
    }
    visit(source, target);
  }
}

const shapes: Record<string, Copy> = {
  "no elements": { shape: [3, 0], from: layout([3, 0], [0, 1]), to: layout([3, 0], [0, 1]) },
  "one element": { shape: [], from: layout([], []), to: layout([], []) },
};
/** A dense copy of a value whose axes lie in another order. */
function permuted(title: string, shape: Shape, order: readonly number[], steps?: readonly number[], gap = 0): void {
  shapes[title] = { shape, from: layout(shape, order, steps, gap), to: layout(shape, natural(shape)) };
}
permuted("long rows with gaps", [3, 1031], [0, 1], [], 5);
permuted("rows longer than a part", [2, 70_001], [0, 1], [], 5);
permuted("rows of one element", [37, 1], [0, 1], [], 5);
permuted("rows of 2", [37, 2], [0, 1], [], 1);
permuted("rows of 3", [37, 3], [0, 1], [], 1);
permuted("rows of 5", [37, 5], [0, 1], [], 1);
permuted("rows of 7", [17, 7], [0, 1], [], 1);
permuted("rows of 21", [9, 21], [0, 1], [], 2);
permuted("a matrix transposed", [67, 70], [1, 0]);
permuted("a matrix transposed, its rows far longer than a block", [19, 300], [1, 0]);
permuted("a matrix transposed, its rows a multiple of lines apart", [133, 512], [1, 0]);
permuted("a matrix of three rows transposed", [3, 150], [1, 0]);
permuted("a matrix of three columns transposed", [150, 3], [1, 0]);
permuted("channels moved last", [2, 5, 6, 9], [0, 3, 1, 2]);
permuted("channels moved first", [2, 9, 5, 6], [0, 2, 3, 1]);
permuted("axes reversed", [5, 4, 6, 7], [3, 2, 1, 0]);
permuted("axes reversed of 1", [1, 6, 1, 7], [3, 2, 1, 0]);
permuted("every second element", [5, 33], [0, 1], [1, 2]);
permuted("every third row", [13, 33], [0, 1], [3, 1]);
permuted("every second element of a transposed matrix", [70, 35], [1, 0], [2, 2]);
permuted("the last axis backwards", [5, 33], [0, 1], [1, -1]);
permuted("all axes backwards", [3, 5, 9], [0, 1, 2], [-1, -2, -1]);
permuted("a transposed matrix backwards", [35, 38], [1, 0], [-1, -1]);
permuted("a row repeated", [7, 19], [0, 1], [0, 1]);
permuted("a column repeated", [7, 19], [0, 1], [1, 0]);
permuted("a column repeated thrice", [11, 3], [0, 1], [1, 0]);
permuted("one element everywhere", [7, 19], [0, 1], [0, 0]);
permuted("axes repeated within", [4, 3, 5, 2], [0, 1, 2, 3], [1, 0, 1, 0]);
permuted("eight axes", [2, 3, 2, 1, 2, 3, 2, 2], [7, 2, 5, 0, 3, 1, 6, 4]);
/** To a part of something larger. */
function embedded(title: string, shape: Shape, order: readonly number[], steps: readonly number[], gap = 0): void {
  shapes[title] = { shape, from: layout(shape, natural(shape)), to: layout(shape, order, steps, gap) };
}
embedded("to rows with gaps", [7, 30], [0, 1], [1, 1], 3);
embedded("to every second element", [7, 30], [0, 1], [2, 2]);
embedded("to a transposed matrix", [70, 37], [1, 0], [1, 1], 3);
embedded("to a transposed matrix of rows a multiple of lines apart", [500, 37], [1, 0], [1, 1], 12);
embedded("backwards to a transposed matrix", [37, 30], [1, 0], [-1, -1]);

const random = new Random(5);
for (let i = 0; i < 40; i++) {
  const shape = Array.from({ length: 1 + random.below(5) }, () => 1 + random.below(7));
  const order = (): number[] => {
    const axes = [...natural(shape)];
    return shape.map(() => axes.splice(random.below(axes.length), 1)[0]!);
  };
  const steps = (least: number): number[] => shape.map(() => [1, 1, -1, 2, 0][random.below(least)]!);
  shapes[`random ${i}: ${shape.join("×")}`] = {
    shape,
    from: layout(shape, order(), steps(5), random.below(3)),
    to: layout(shape, order(), steps(4), random.below(3)),
  };
}

const guard = 64;

describe.each(testedBuilds)("stridedCopy (%s)", async (build) => {
  const engine = await testEngine(build);
  const { memory } = engine;

  describe.each(["f32", "f16", "u8"] as const)("of %s", (dataType: DataType) => {
    const bytes = bytesOfType(dataType);

    it.each(Object.entries(shapes))(
      "puts %s where they belong and touches nothing else, for any number of threads",
      (_, copy) => {
        const blocks = [copy.from, copy.to].map(({ length }) => memory.allocate(length * bytes + 2 * guard, "test"));
        const tables: ReturnType<typeof memory.allocate>[] = [];
        const place = (bytes: number): MemoryRange => {
          const block = memory.allocate(bytes, "test");
          tables.push(block);
          return MemoryRange.at(block, 0, bytes, "test");
        };
        const calls: KernelCall[] = [];
        const emit = {
          threads: 1,
          scratch: place,
          constant(_key: string, length: number, fill: (table: Int32Array) => void) {
            const range = place(4 * length);
            fill(new Int32Array(memory.memory.buffer, range.address, length));
            return range;
          },
          record: (kernel: string, fields: object) => calls.push({ kernel, fields, source: "test" } as KernelCall),
        } as unknown as Emitter;
        const [from, to] = [copy.from, copy.to].map(({ offset, strides, length }, i) => {
          return { data: MemoryRange.at(blocks[i]!, guard + offset * bytes, length * bytes, "test"), strides };
        });
        emitStridedCopy(emit, { from: from!, to: to!, shape: copy.shape, dataType });
        const [x, y] = blocks.map(({ address, bytes }) => memory.u8(address, bytes));
        x!.forEach((_, i) => (x![i] = (i * 37 + (i >> 7)) & 255));
        const want = new Uint8Array(y!.length).fill(0xa5);
        const original = x!.slice();
        eachPlace(copy, (source, target) => {
          for (let byte = 0; byte < bytes; byte++)
            want[guard + target * bytes + byte] = x![guard + source * bytes + byte]!;
        });
        const program = new LinkedProgram(memory, calls);
        for (const threads of [1, 2, 3, 7]) {
          y!.fill(0xa5);
          for (let thread = 0; thread < threads && calls.length > 0; thread++)
            engine.runShare(program, 0, thread, threads);
          expect(Buffer.compare(y!, want), `${threads} threads`).toBe(0);
          expect(Buffer.compare(x!, original)).toBe(0);
        }
        program.dispose();
        for (const block of [...blocks, ...tables]) memory.release(block);
      },
    );
  });
});
