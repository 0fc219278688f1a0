import { execute } from "../../build/generated/instructions";
import { shareEnd, shareStart } from "../partition";
import { isAligned } from "../record";
import { readElements, readOne } from "./load";
import { Operands } from "./operands";
import {
  arrayOf,
  arraysOf,
  INSTRUCTION_WORDS,
  operandsAt,
  POINTWISE_ARRAYS,
  POINTWISE_AXES,
  POINTWISE_BLOCK,
  PointwiseRecord,
  positionAt,
  SCRATCH_START,
  stageBytes,
  stagedAt,
} from "./record";
import { writeElements } from "./store";

/** Opcodes below the first of the instructions in instructions/: how an array is read or written that is no operand itself. */
// @ts-ignore: decorator
@shared
export const READ: i32 = 0;
// @ts-ignore: decorator
@shared
export const WRITE: i32 = 1;
// @ts-ignore: decorator
@shared
export const FIRST_INSTRUCTION: i32 = 2;

export function pointwise(record: PointwiseRecord, thread: i32, threads: i32): void {
  threads = min(threads, record.slots);
  if (thread >= threads) return;
  const scratch = enter(record, thread);
  const end = shareEnd(record.count, 16, thread, threads);
  for (let first = shareStart(record.count, 16, thread, threads); first < end; first += POINTWISE_BLOCK) {
    runBlock(record, scratch, first, min(end - first, POINTWISE_BLOCK));
  }
}

/** Prepares the scratch of a thread: what does not change from block to block. Returns its address. */
export function enter(record: PointwiseRecord, thread: i32): usize {
  assert(isAligned(record.code | record.constants | record.scratch) && record.count >= 0);
  assert(
    stagedAt + <usize>POINTWISE_ARRAYS * stageBytes == operandsAt && operandsAt + offsetof<Operands>() <= positionAt,
  );
  assert(positionAt + 4 * POINTWISE_AXES == <usize>SCRATCH_START && record.scratchBytes >= SCRATCH_START);
  const scratch = record.scratch + <usize>thread * <usize>record.scratchBytes;
  for (let i = 0; i < POINTWISE_ARRAYS; i++) {
    store<usize>(scratch + ((<usize>i) << 2), scratch + stagedAt + <usize>i * stageBytes);
  }
  for (let i = 0; i < record.scalars; i++) {
    const scalar = record.code + <usize>i * 12;
    readOne(arrayOf(record, load<i32>(scalar)), load<i32>(scalar, 4), scratch + <usize>load<i32>(scalar, 8));
  }
  return scratch;
}

/** Executes the program for `count` elements from `first` on, at most a block. What does not fill 16 elements goes by the stage. */
export function runBlock(record: PointwiseRecord, scratch: usize, first: i32, count: i32): void {
  const whole = count & ~15;
  if (whole > 0) runInstructions(record, scratch, arraysOf(record), (<usize>first) << 2, first, 0, whole);
  const rest = count - whole;
  if (rest == 0) return;
  const bytes = (<usize>rest) << 2;
  const at = (<usize>(first + whole)) << 2;
  for (let i = 0, dense = record.dense & ~record.written; dense != 0; i++, dense >>= 1) {
    if (dense & 1) memory.copy(scratch + stagedAt + <usize>i * stageBytes, arrayOf(record, i) + at, bytes);
  }
  runInstructions(record, scratch, scratch, 0, first + whole, whole, rest);
  for (let i = 0, written = record.written; written != 0; i++, written >>= 1) {
    if (written & 1) memory.copy(arrayOf(record, i) + at, scratch + stagedAt + <usize>i * stageBytes, bytes);
  }
}

/**
 * Executes every instruction for elements first … first + count − 1, which are `done` elements behind the beginning of the slots.
 * The address of array i stands in `arrays`, `shift` bytes before its element `first`.
 */
function runInstructions(
  record: PointwiseRecord,
  scratch: usize,
  arrays: usize,
  shift: usize,
  first: i32,
  done: i32,
  count: i32,
): void {
  const at = changetype<Operands>(scratch + operandsAt);
  const constants = record.constants;
  const slots = scratch + ((<usize>done) << 2);
  at.bytes = (<usize>((count + 15) & ~15)) << 2;
  at.first = first;
  let code = record.code + <usize>record.scalars * 12;
  const end = code + <usize>(record.instructions * INSTRUCTION_WORDS) * 4;
  for (; code < end; code += INSTRUCTION_WORDS * 4) {
    const opcode = load<i32>(code);
    const y = load<u32>(code, 4);
    const a = load<u32>(code, 8);
    if (opcode == READ) {
      // An array, the type of its elements, and how they lie.
      const shape = constants + <usize>load<u32>(code, 16);
      readElements(
        slots + <usize>(y & ~3),
        arrayOf(record, a),
        load<i32>(code, 12),
        shape,
        first,
        count,
        scratch + positionAt,
      );
    } else if (opcode == WRITE) {
      writeElements(
        arrayOf(record, y),
        addressOf(a, arrays, shift, scratch, slots, constants),
        load<i32>(code, 12),
        first,
        count,
      );
    } else {
      const b = load<u32>(code, 12);
      const c = load<u32>(code, 16);
      at.y = addressOf(y, arrays, shift, scratch, slots, constants);
      at.a = addressOf(a, arrays, shift, scratch, slots, constants);
      at.b = addressOf(b, arrays, shift, scratch, slots, constants);
      at.c = addressOf(c, arrays, shift, scratch, slots, constants);
      at.d = addressOf(load<u32>(code, 20), arrays, shift, scratch, slots, constants);
      at.maskA = maskOf(a);
      at.maskB = maskOf(b);
      at.maskC = maskOf(c);
      execute(opcode - FIRST_INSTRUCTION, at);
    }
  }
}

// @ts-ignore: decorator
@inline
export function addressOf(
  operand: u32,
  arrays: usize,
  shift: usize,
  scratch: usize,
  slots: usize,
  constants: usize,
): usize {
  const kind = operand & 3;
  if (kind == 0) return load<usize>(arrays + <usize>(operand >> 4)) + shift;
  const offset = <usize>(operand & ~3);
  return offset + (kind == 1 ? slots : kind == 2 ? constants : scratch);
}

/** All ones for an operand whose elements lie one after another, 0 for 16 times one number. */
// @ts-ignore: decorator
@inline
function maskOf(operand: u32): usize {
  return <usize>((operand >> 1) & 1) - 1;
}
