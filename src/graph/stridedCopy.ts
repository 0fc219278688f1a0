import { constants } from "../engine/index.js";
import { bytesOfType, type DataType } from "./dataType.js";
import { coalesce, denseStrides, type Run, type Strided } from "./layout.js";
import type { MemoryRange } from "./memoryRange.js";
import type { Emitter } from "./node.js";
import type { Shape } from "./shape.js";

/** Rows and columns of a block that is transposed. */
const tile = constants.STRIDED_COPY_TILE;
/** Bytes of a block of rows that are copied as they are, and of a part of a longer row. */
const blockBytes = 2 ** 15;
const partBytes = 2 ** 18;
/** Rows of the target that are a multiple of so many bytes apart meet in few sets of the cache. */
const conflict = 512;
/** Of a block that is transposed straight to its place: long rows of the source, so that the processor fetches ahead. */
const directRows = 256;
const directElements = 8192;
/** Threads that put blocks together in scratch memory at the same time, at most. */
const threadSlots = 64;

/** A copy between elements in two places. */
interface StridedCopy {
  readonly from: Strided;
  /** No element is written twice: strides are not 0 along axes of more than one element. */
  readonly to: Strided;
  readonly shape: Shape;
  readonly dataType: DataType;
}

/** Emits the record that copies elements from where they lie to where they shall lie; none for no elements. */
export function emitStridedCopy(emit: Emitter, { from, to, shape, dataType }: StridedCopy): void {
  if (shape.includes(0)) return;
  const { axes, fromOffset, toOffset } = walk(shape, from.strides, to.strides);
  const bytes = bytesOfType(dataType);
  const { isStaged, ...blocks } = blocksOf(axes.at(-2)!, axes.at(-1)!, bytes);
  const numbers = axes.flatMap(({ length, strides }) => [length, ...strides]);
  emit.record(
    "stridedCopy",
    {
      x: from.data.view(fromOffset * bytes, from.data.bytes),
      y: to.data.view(toOffset * bytes, to.data.bytes),
      axes: emit.constant(`axes of a copy ${numbers.join(" ")}`, numbers.length, (table) => table.set(numbers)),
      axisCount: axes.length,
      ...blocks,
      shift: Math.log2(bytes),
      scratch: isStaged
        ? emit.scratch(threadSlots * constants.STRIDED_COPY_SLOT, "tiles of a copy for each thread")
        : 0,
      slots: threadSlots,
    },
    { bytes: 2 * bytes * axes.reduce((count, { length }) => count * length, 1), flops: 0 },
  );
}

/** The same to memory in which the elements are dense. */
export function emitDenseCopy(emit: Emitter, from: Strided, to: MemoryRange, shape: Shape, dataType: DataType): void {
  emitStridedCopy(emit, { from, to: { data: to, strides: denseStrides(shape) }, shape, dataType });
}

/**
 * The axes of a copy, two at least, in an order that suits the memory: last the one along which the target runs, and before it the
 * one along which the source does, if that is another. Along all of them the target runs forwards.
 */
function walk(shape: Shape, from: readonly number[], to: readonly number[]) {
  let [fromOffset, toOffset] = [0, 0];
  const forwards = coalesce(shape, [from, to]).map(({ length, strides: [source, target] }): Run => {
    if (target! > 0) return { length, strides: [source!, target!] };
    fromOffset += (length - 1) * source!;
    toOffset += (length - 1) * target!;
    return { length, strides: [-source!, -target!] };
  });
  const sorted = forwards.sort((a, b) => b.strides[1]! - a.strides[1]!);
  const lengths = sorted.map(({ length }) => length);
  const axes = [
    ...coalesce(lengths, [sorted.map(({ strides }) => strides[0]!), sorted.map(({ strides }) => strides[1]!)]),
  ];
  while (axes.length < 2) axes.unshift({ length: 1, strides: [0, 0] });
  const along = (axis: number): number => Math.abs(axes[axis]!.strides[0]!) || Infinity;
  const last = axes.length - 1;
  if (axes[last]!.strides[0] === 0) return { axes, fromOffset, toOffset };
  const nearest = axes.reduce((best, _, axis) => (along(axis) < along(best) ? axis : best), last);
  if (nearest !== last) {
    const [rows] = axes.splice(nearest, 1) as [Run];
    axes.splice(last - 1, 0, rows);
    // Too few for vectors: the longer axis becomes the inner loop.
    if (Math.min(rows.length, axes[last]!.length) < 4 && rows.length > axes[last]!.length) {
      [axes[last - 1], axes[last]] = [axes[last]!, axes[last - 1]!];
    }
  }
  return { axes, fromOffset, toOffset };
}

/** In which blocks a plane is copied, and whether they are put together in scratch memory. */
function blocksOf(
  { length: rows, strides: [rowFrom, rowTo] }: Run,
  { length, strides: [from, to] }: Run,
  bytes: number,
) {
  if (to === 1 && (from === 1 || from === 0)) {
    const blockColumns = Math.min(length, partBytes / bytes);
    return { blockRows: Math.max(Math.floor(blockBytes / (blockColumns * bytes)), 1), blockColumns, isStaged: false };
  }
  if (to === 1 && rowFrom === 1) {
    if ((rowTo! * bytes) % conflict === 0) return { blockRows: tile, blockColumns: tile, isStaged: true };
    const blockRows = Math.min(rows, directRows);
    return { blockRows, blockColumns: Math.floor(directElements / blockRows), isStaged: false };
  }
  if (rowFrom !== 0 && Math.abs(rowFrom!) < Math.abs(from!))
    return { blockRows: tile, blockColumns: tile, isStaged: false };
  return { blockRows: 16, blockColumns: 1024, isStaged: false };
}
