import { KernelRecord } from "../record";

/** Elements that an instruction works on at a time: 4 KB, so that the slots of a program stay in L1. */
// @ts-ignore: decorator
@shared
export const POINTWISE_BLOCK: i32 = 1024;

/** Arrays that one program may read or write. */
// @ts-ignore: decorator
@shared
export const POINTWISE_ARRAYS: i32 = 16;

/** Axes along which an array lies that an instruction reads. */
// @ts-ignore: decorator
@shared
export const POINTWISE_AXES: i32 = 16;

/** Words of an instruction: its opcode, where its result goes, and what it reads. */
// @ts-ignore: decorator
@shared
export const INSTRUCTION_WORDS: i32 = 6;

// A thread's scratch begins with addresses of the arrays where a few last elements are staged, these elements, the operands of an
// instruction, and the position in an array that is read.
export const stagedAt: usize = 64;
export const operandsAt: usize = 1088;
export const positionAt: usize = 1152;
/** Bytes of the elements that one array has on stage. */
export const stageBytes: usize = 64;

/** Where, behind these, the part of it begins that the program lays out. */
// @ts-ignore: decorator
@shared
export const SCRATCH_START: i32 = 1216;

/**
 * Runs a program of elementwise instructions over `count` elements, in the row-major order of its results.
 *
 * `code` is `scalars` times (array, type, place in scratch), numbers that are read once, and then `instructions` times
 * INSTRUCTION_WORDS words. `constants` holds numbers, 16 times each, and descriptions of how arrays lie. `scratch` has
 * `scratchBytes` for each of `slots` threads.
 *
 * An operand is a word whose two lowest bits say what the rest is:
 * - 0: an array that lies dense in the order of the results and has 4-byte elements: 64 times its number
 * - 1: an offset in scratch: elements of the block at hand
 * - 2: an offset in constants: 16 times one number
 * - 3: an offset in scratch: 16 times one number
 *
 * Of the arrays, bit i of `dense` is set if array i is an operand itself; of `written` if it is one that is written.
 */
@unmanaged
export class PointwiseRecord extends KernelRecord {
  array0: usize;
  array1: usize;
  array2: usize;
  array3: usize;
  array4: usize;
  array5: usize;
  array6: usize;
  array7: usize;
  array8: usize;
  array9: usize;
  array10: usize;
  array11: usize;
  array12: usize;
  array13: usize;
  array14: usize;
  array15: usize;
  code: usize;
  constants: usize;
  scratch: usize;
  count: i32;
  scalars: i32;
  instructions: i32;
  slots: i32;
  scratchBytes: i32;
  dense: u32;
  written: u32;
}

/** Where the address of the first array stands in a record. */
// @ts-ignore: decorator
@inline
export function arraysOf(record: PointwiseRecord): usize {
  return changetype<usize>(record) + offsetof<PointwiseRecord>("array0");
}

// @ts-ignore: decorator
@inline
export function arrayOf(record: PointwiseRecord, index: i32): usize {
  return load<usize>(arraysOf(record) + ((<usize>index) << 2));
}
