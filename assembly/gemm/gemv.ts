import { multiplyAdd } from "../math/lanes";
import { shareEnd, shareStart } from "../partition";
import { GemmRecord } from "./record";

/**
 * The product of a few rows of A (batch 1) with a B that is not packed. It is bound by reading B, so it walks along four
 * rows of B at a time, sixteen columns each step, and adds them to rows of C, which stay in cache: four sequential streams
 * instead of a narrow column with a long stride. Threads share the columns.
 */
export function gemv(record: GemmRecord, thread: i32, threads: i32): void {
  const first = shareStart(record.N, 16, thread, threads);
  const columns = shareEnd(record.N, 16, thread, threads) - first;
  const offset = (<usize>first) << 2;
  const cRow = (<usize>record.ldc) << 2;
  const bRow = (<usize>record.ldb) << 2;
  const lda = (<usize>record.lda) << 2;
  const c = record.c + offset;
  for (let m = 0; m < record.M; m++) {
    begin(c + <usize>m * cRow, record.bias != 0 ? record.bias + offset : 0, columns, record.beta);
  }
  let a = record.a;
  let b = record.b + offset;
  let k = record.K;
  for (; k >= 4; k -= 4, a += 16, b += bRow << 2) {
    for (let m = 0; m < record.M; m++) addRows(c + <usize>m * cRow, a + <usize>m * lda, b, bRow, columns, record.alpha);
  }
  for (; k > 0; k--, a += 4, b += bRow) {
    for (let m = 0; m < record.M; m++) {
      addRow(c + <usize>m * cRow, load<f32>(a + <usize>m * lda) * record.alpha, b, columns);
    }
  }
  if (!record.relu) return;
  for (let m = 0; m < record.M; m++) clip(c + <usize>m * cRow, columns);
}

/** c = beta · c + bias. */
function begin(c: usize, bias: usize, columns: i32, beta: f32): void {
  for (const end = c + ((<usize>columns) << 2); c < end; c += 4) {
    let value: f32 = beta != 0 ? load<f32>(c) * beta : 0;
    if (bias != 0) {
      value += load<f32>(bias);
      bias += 4;
    }
    store<f32>(c, value);
  }
}

/** c += alpha · (a₀ b₀ + a₁ b₁ + a₂ b₂ + a₃ b₃) for four rows of b. */
function addRows(c: usize, a: usize, b: usize, bRow: usize, columns: i32, alpha: f32): void {
  const x0 = f32x4.splat(load<f32>(a) * alpha);
  const x1 = f32x4.splat(load<f32>(a, 4) * alpha);
  const x2 = f32x4.splat(load<f32>(a, 8) * alpha);
  const x3 = f32x4.splat(load<f32>(a, 12) * alpha);
  let at = c;
  let r0 = b;
  for (; columns >= 16; columns -= 16, at += 64, r0 += 64) {
    const r1 = r0 + bRow;
    const r2 = r1 + bRow;
    const r3 = r2 + bRow;
    addVector(at, r0, r1, r2, r3, x0, x1, x2, x3, 0);
    addVector(at, r0, r1, r2, r3, x0, x1, x2, x3, 16);
    addVector(at, r0, r1, r2, r3, x0, x1, x2, x3, 32);
    addVector(at, r0, r1, r2, r3, x0, x1, x2, x3, 48);
  }
  for (; columns >= 4; columns -= 4, at += 16, r0 += 16) {
    const r1 = r0 + bRow;
    const r2 = r1 + bRow;
    addVector(at, r0, r1, r2, r2 + bRow, x0, x1, x2, x3, 0);
  }
  for (; columns > 0; columns--, at += 4, r0 += 4) {
    const r1 = r0 + bRow;
    const r2 = r1 + bRow;
    let sum = load<f32>(at) + load<f32>(r0) * f32x4.extract_lane(x0, 0);
    sum += load<f32>(r1) * f32x4.extract_lane(x1, 0);
    sum += load<f32>(r2) * f32x4.extract_lane(x2, 0);
    store<f32>(at, sum + load<f32>(r2 + bRow) * f32x4.extract_lane(x3, 0));
  }
}

// @ts-ignore: decorator
@inline
function addVector(
  c: usize,
  r0: usize,
  r1: usize,
  r2: usize,
  r3: usize,
  x0: v128,
  x1: v128,
  x2: v128,
  x3: v128,
  offset: usize,
): void {
  let sum = multiplyAdd(v128.load(r0 + offset), x0, v128.load(c + offset));
  sum = multiplyAdd(v128.load(r1 + offset), x1, sum);
  sum = multiplyAdd(v128.load(r2 + offset), x2, sum);
  v128.store(c + offset, multiplyAdd(v128.load(r3 + offset), x3, sum));
}

/** c += x · b for one row of b. */
function addRow(c: usize, x: f32, b: usize, columns: i32): void {
  const x0 = f32x4.splat(x);
  for (; columns >= 4; columns -= 4, c += 16, b += 16) {
    v128.store(c, multiplyAdd(v128.load(b), x0, v128.load(c)));
  }
  for (; columns > 0; columns--, c += 4, b += 4) store<f32>(c, load<f32>(c) + load<f32>(b) * x);
}

/** ReLU that keeps NaN. */
function clip(c: usize, columns: i32): void {
  for (const end = c + ((<usize>columns) << 2); c < end; c += 4) {
    if (load<f32>(c) < 0) store<f32>(c, 0);
  }
}
