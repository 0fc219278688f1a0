import { constants, halfBits, halfValue, opcodeOf } from "../../engine/index.js";
import { bytesOfType, type DataType } from "../dataType.js";
import { broadcastStrides, coalesce, denseStrides, type Run, type Strided } from "../layout.js";
import type { MemoryRange } from "../memoryRange.js";
import {
  type Emitter,
  type Instruction,
  type Node,
  type Operand,
  outputOf,
  type RecordFields,
  Value,
  type Words,
} from "../node.js";
import { type Shape, sizeOf } from "../shape.js";
import { emitDenseCopy } from "../stridedCopy.js";
import { bitsOf, float, integer } from "./instruction.js";

/** The numbers by which a program calls types of elements. */
const elementTypes: Readonly<Record<DataType, number>> = {
  f32: constants.ELEMENT_F32,
  i32: constants.ELEMENT_I32,
  f16: constants.ELEMENT_F16,
  u8: constants.ELEMENT_U8,
  bool: constants.ELEMENT_BOOL,
};

/** A slot has a block of 4-byte elements, and a line of the cache more: so slots do not meet in the same sets of it. */
const slotBytes = constants.POINTWISE_BLOCK * 4 + 64;
const numberBytes = 64;
/** An array that is larger and read across its rows is copied first, in blocks. */
const mostGathered = 2 ** 14;

/** Where an operand of an instruction lies: `index` counts arrays, slots, and numbers. */
interface Place {
  readonly kind: 0 | 1 | 2 | 3;
  readonly index: number;
}

/** A word of an instruction: a place, or a plain number. */
type Word = Place | number;

/** What becomes of the operations of one record. */
export class PointwiseCode {
  /** Arrays that the program reads and writes. */
  readonly arrays: MemoryRange[] = [];
  /** What it does, as text. */
  readonly text: string[] = [];
  private readonly arrayIndices = new Map<Value | string, number>();
  private readonly instructions: (readonly Word[])[] = [];
  private readonly scalars: number[][] = [];
  private readonly scalarPlaces = new Map<Value | string, Place>();
  private readonly constantWords: number[] = [];
  private readonly constantOffsets = new Map<string, number>();
  private readonly places = new Map<Value, Place>();
  private readonly names = new Map<Value, string>();
  private readonly lastUse = new Map<Value, number>();
  private readonly freeSlots: number[] = [];
  private slotCount = 0;
  private dense = 0;
  private written = 0;

  /**
   * @param nodes in the order in which they are executed, all with outputs of `shape`
   * @param stored those of their outputs that are written to memory
   * @param last an output that is read by what follows the program
   */
  constructor(
    private readonly emit: Emitter,
    nodes: readonly Node[],
    stored: ReadonlySet<Value>,
    private readonly shape: Shape,
    last?: Value,
  ) {
    const instructions = withMultiplyAdds(
      nodes.map((node) => ({ node, ...node.operation.pointwise!(node) })),
      (value) => stored.has(value) || value === last,
    );
    instructions.forEach(({ operands }, at) => {
      for (const operand of operands) if (operand instanceof Value) this.lastUse.set(operand, at);
    });
    if (last) this.lastUse.set(last, Infinity);
    const deferred: (() => readonly Word[])[] = [];
    instructions.forEach(({ node, name, operands }, at) => {
      const y = outputOf(node);
      const places = operands.map((operand) => this.read(operand));
      const shown = operands.map((operand) => this.show(operand));
      // Elements of a result may take the place of those that they were computed from.
      for (const operand of operands) if (operand instanceof Value) this.release(operand, at);
      const isArray = stored.has(y) && bytesOfType(y.dataType) === 4;
      const isDeferred = isArray && this.isReadAfter(at, emit.data(y));
      const place = isArray && !isDeferred ? this.array(y, emit.data(y), true) : this.slot();
      this.places.set(y, place);
      this.instructions.push([opcodeOf(name), place, ...places]);
      if (isDeferred) {
        this.lastUse.set(y, Infinity);
        deferred.push(() => [opcodeOf("move"), this.array(y, emit.data(y), true), place]);
      }
      this.text.push(`${this.show(y)} = ${name}(${shown.join(", ")})${stored.has(y) ? ", written" : ""}`);
      if (stored.has(y) && !isArray) {
        const index = this.arrayIndex(y, emit.data(y));
        this.instructions.push([constants.WRITE, index, place, elementTypes[y.dataType]]);
      }
      if (!this.lastUse.has(y)) this.lastUse.set(y, at);
      this.release(y, at);
    });
    this.instructions.push(...deferred.map((move) => move()));
  }

  /** The fields of the record that runs it. @param extraBytes of scratch that each thread has behind the slots */
  fields(extraBytes = 0): RecordFields<"pointwise"> {
    const { emit } = this;
    const code = [
      ...this.scalars.map(([array, type], i) => [array!, type!, this.scalarOffset(i)]),
      ...this.instructions.map((words) => {
        const whole = [...words, ...new Array<number>(constants.INSTRUCTION_WORDS - words.length).fill(0)];
        return whole.map((word) => (typeof word === "number" ? word : this.encode(word)));
      }),
    ].flat();
    const scratchBytes = this.scratchEnd + extraBytes;
    const slots = Math.max(emit.threads, leastSlots);
    return {
      ...(Object.fromEntries(
        Array.from({ length: constants.POINTWISE_ARRAYS }, (_, i) => [`array${i}`, this.arrays[i] ?? 0]),
      ) as Record<`array${0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15}`, MemoryRange | 0>),
      code: table(emit, code),
      constants: table(emit, this.constantWords),
      scratch: emit.scratch(slots * scratchBytes, "slots of a pointwise program"),
      ...{ scratchBytes, slots },
      count: sizeOf(this.shape),
      scalars: this.scalars.length,
      instructions: this.instructions.length,
      dense: this.dense,
      written: this.written,
    };
  }

  /** Where the slots of a thread end in its scratch. */
  get scratchEnd(): number {
    return this.slotOffset(this.slotCount);
  }

  /** Where a value is found after the last instruction, element by element: a word as the instructions have them. */
  operand(value: Value): number {
    let place = this.read(value);
    if (place.kind > 1) {
      const slot = this.slot();
      this.instructions.push([opcodeOf("move"), slot, place]);
      place = slot;
    }
    return this.encode(place);
  }

  /** No instructions, over an array of so many elements. */
  static over(emit: Emitter, array: MemoryRange, count: number): PointwiseCode {
    const code = new PointwiseCode(emit, [], new Set(), [count]);
    code.arrays.push(array);
    return code;
  }

  /** Whether a later instruction reads what this memory holds before the program writes to it. */
  private isReadAfter(at: number, data: MemoryRange): boolean {
    return [...this.lastUse].some(([{ storage }, last]) => storage === data && last > at);
  }

  private read(operand: Operand): Place {
    if (typeof operand === "number") return this.constant(float(operand));
    if ("words" in operand) return this.constant(operand);
    if ("scalar" in operand) return this.scalar(operand.scalar, this.emit.scalar(operand.scalar), "f32");
    const known = this.places.get(operand);
    if (known) return known;
    const place = this.external(operand);
    this.places.set(operand, place);
    return place;
  }

  /** A value that is in memory, or the same everywhere. */
  private external(value: Value): Place {
    const { constant, dataType } = value;
    if (typeof constant === "number") return this.constant(lanesOf(constant, dataType));
    let strided = this.emit.strided(value);
    if (value.size === 1) return this.scalar(value, strided.data, dataType);
    let runs = this.runsOf(value.shape, strided);
    if (Math.abs(runs.at(-1)?.strides[0] ?? 1) > 1 && value.size > mostGathered) {
      strided = { data: this.emit.data(value), strides: denseStrides(value.shape) };
      runs = this.runsOf(value.shape, strided);
    }
    if (runs.length > constants.POINTWISE_AXES) {
      strided = this.repeated(value, strided);
      runs = this.runsOf(this.shape, strided);
    }
    const isWhole = runs.length === 0 || (runs.length === 1 && runs[0]!.strides[0] === 1);
    if (isWhole && bytesOfType(dataType) === 4) return this.array(value, strided.data, false);
    const slot = this.readInto(this.arrayIndex(value, strided.data), runs, dataType);
    this.text.push(
      `${this.show(value)} = read ${dataType} [${runs.map(({ length, strides }) => `${length}:${strides[0]!}`).join(", ")}]`,
    );
    return slot;
  }

  /** Has an array read into a slot. */
  private readInto(array: number, runs: readonly Run[], dataType: DataType): Place {
    const slot = this.slot();
    const layout = [runs.length, ...[...runs].reverse().flatMap(({ length, strides }) => [length, strides[0]!])];
    const table = this.table(runs.length === 0 ? [1, 1, 1] : layout);
    this.instructions.push([constants.READ, slot, array, elementTypes[dataType], table]);
    return slot;
  }

  private runsOf(shape: Shape, { strides }: Strided): readonly Run[] {
    return coalesce(this.shape, [broadcastStrides(shape, strides, this.shape)]);
  }

  /** A copy that is as large as the results, for an array that lies along more axes than an instruction follows. */
  private repeated({ shape, dataType }: Value, { data, strides }: Strided): Strided {
    const copy = this.emit.scratch(sizeOf(this.shape) * bytesOfType(dataType), "an operand that is repeated");
    const from = { data, strides: broadcastStrides(shape, strides, this.shape) };
    emitDenseCopy(this.emit, from, copy, this.shape, dataType);
    return { data: copy, strides: denseStrides(this.shape) };
  }

  private array(value: Value, data: MemoryRange, isWritten: boolean): Place {
    const index = this.arrayIndex(value, data);
    this.dense |= 1 << index;
    if (isWritten) this.written |= 1 << index;
    return { kind: 0, index };
  }

  private arrayIndex(value: Value | string, data: MemoryRange): number {
    let index = this.arrayIndices.get(value);
    if (index === undefined) {
      index = this.arrays.push(data) - 1;
      this.arrayIndices.set(value, index);
    }
    return index;
  }

  private scalar(value: Value | string, data: MemoryRange, dataType: DataType): Place {
    let place = this.scalarPlaces.get(value);
    if (!place) {
      const index = this.scalars.push([this.arrayIndex(value, data), elementTypes[dataType]]) - 1;
      place = { kind: 3, index };
      this.scalarPlaces.set(value, place);
    }
    return place;
  }

  private constant({ words }: Words): Place {
    return { kind: 2, index: this.table(words) };
  }

  /** The offset in the program's constants of some words, on a line of the cache of their own. */
  private table(words: readonly number[]): number {
    const key = words.join();
    let offset = this.constantOffsets.get(key);
    if (offset === undefined) {
      offset = this.constantWords.length * 4;
      const padding = (16 - (words.length % 16)) % 16;
      this.constantWords.push(...words, ...new Array<number>(padding).fill(0));
      this.constantOffsets.set(key, offset);
    }
    return offset;
  }

  private slot(): Place {
    return { kind: 1, index: this.freeSlots.pop() ?? this.slotCount++ };
  }

  /** Gives back the slot of a value that no later instruction reads. */
  private release(value: Value, at: number): void {
    const place = this.places.get(value);
    if (place?.kind !== 1 || this.lastUse.get(value)! > at || this.freeSlots.includes(place.index)) return;
    this.freeSlots.push(place.index);
  }

  private encode({ kind, index }: Place): number {
    if (kind === 0) return index * numberBytes;
    if (kind === 1) return this.slotOffset(index) + kind;
    return (kind === 2 ? index : this.scalarOffset(index)) + kind;
  }

  private scalarOffset(index: number): number {
    return constants.SCRATCH_START + index * numberBytes;
  }

  private slotOffset(index: number): number {
    return this.scalarOffset(this.scalars.length) + index * slotBytes;
  }

  private show(operand: Operand): string {
    if (typeof operand === "number") return String(operand);
    if (!(operand instanceof Value)) return "scalar" in operand ? operand.scalar : "words";
    if (typeof operand.constant === "number") return String(operand.constant);
    let name = this.names.get(operand);
    if (!name) this.names.set(operand, (name = `v${this.names.size}`));
    return name;
  }
}

/** What one node of a program becomes. */
interface NodeInstruction extends Instruction {
  readonly node: Node;
}

/** A multiplication of which nothing but one addition reads the result becomes part of that: one pass over the slots less. */
function withMultiplyAdds(
  instructions: readonly NodeInstruction[],
  isKept: (value: Value) => boolean,
): readonly NodeInstruction[] {
  const uses = new Map<Operand, number>();
  for (const operand of instructions.flatMap(({ operands }) => operands))
    uses.set(operand, (uses.get(operand) ?? 0) + 1);
  const products = new Map<Operand, NodeInstruction>();
  const gone = new Set<NodeInstruction>();
  const merged = instructions.map((instruction) => {
    const { name, operands, node } = instruction;
    const y = outputOf(node);
    if (name === "multiply" && uses.get(y) === 1 && !isKept(y)) products.set(y, instruction);
    const product = name === "add" ? operands.map((operand) => products.get(operand)).find(Boolean) : undefined;
    if (!product) return instruction;
    gone.add(product);
    const other = operands[0] === outputOf(product.node) ? operands[1]! : operands[0]!;
    return { node, name: "multiplyAdd" as const, operands: [...product.operands, other] };
  });
  return merged.filter((instruction) => !gone.has(instruction));
}

/** Fewest threads that a program has room for, whatever the engine: a plan of memory is the same for few threads. */
const leastSlots = 8;

/** What sixteen lanes hold that are all one number. */
function lanesOf(number: number, dataType: DataType): Words {
  if (dataType === "bool") return integer(number === 0 ? 0 : -1);
  if (dataType === "f16") return float(halfValue(halfBits(number)));
  return dataType === "f32" ? integer(bitsOf(number)) : integer(number);
}

/** A table of a program that is written once, found by what it holds. */
function table(emit: Emitter, words: readonly number[]): MemoryRange {
  return emit.constant(`pointwise ${words.join()}`, Math.max(words.length, 1), (memory) => memory.set(words));
}
