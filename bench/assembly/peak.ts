// What one core can do at most: loops of independent multiply-adds in several forms, since which one is fastest depends
// on the processor. Each returns a value that depends on every operation, so that none is optimised away.
export { copy, gelu, read, three } from "./fused";
import { multiplyAdd } from "../../assembly/math/lanes";
import { rowsByPanel } from "../../assembly/gemm/microkernel";
import { MR, NR } from "../../assembly/gemm/params";
import { GemmRecord } from "../../assembly/gemm/record";

// @ts-ignore: decorator
@inline
function sum(a: v128, b: v128, c: v128, d: v128): v128 {
  return f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
}

/** 8 chains acc = acc · x + y: 64 FLOP a turn. */
export function chains8(turns: i32, x: f32, y: f32): f32 {
  const vx = f32x4.splat(x);
  const vy = f32x4.splat(y);
  let a0 = f32x4.splat(1);
  let a1 = f32x4.splat(2);
  let a2 = f32x4.splat(3);
  let a3 = f32x4.splat(4);
  let a4 = f32x4.splat(5);
  let a5 = f32x4.splat(6);
  let a6 = f32x4.splat(7);
  let a7 = f32x4.splat(8);
  for (let i = 0; i < turns; i++) {
    a0 = multiplyAdd(a0, vx, vy);
    a1 = multiplyAdd(a1, vx, vy);
    a2 = multiplyAdd(a2, vx, vy);
    a3 = multiplyAdd(a3, vx, vy);
    a4 = multiplyAdd(a4, vx, vy);
    a5 = multiplyAdd(a5, vx, vy);
    a6 = multiplyAdd(a6, vx, vy);
    a7 = multiplyAdd(a7, vx, vy);
  }
  return f32x4.extract_lane(f32x4.add(sum(a0, a1, a2, a3), sum(a4, a5, a6, a7)), 0);
}

/** 12 chains acc = acc · x + y: 96 FLOP a turn. */
export function chains12(turns: i32, x: f32, y: f32): f32 {
  const vx = f32x4.splat(x);
  const vy = f32x4.splat(y);
  let a0 = f32x4.splat(1);
  let a1 = f32x4.splat(2);
  let a2 = f32x4.splat(3);
  let a3 = f32x4.splat(4);
  let a4 = f32x4.splat(5);
  let a5 = f32x4.splat(6);
  let a6 = f32x4.splat(7);
  let a7 = f32x4.splat(8);
  let a8 = f32x4.splat(9);
  let a9 = f32x4.splat(10);
  let a10 = f32x4.splat(11);
  let a11 = f32x4.splat(12);
  for (let i = 0; i < turns; i++) {
    a0 = multiplyAdd(a0, vx, vy);
    a1 = multiplyAdd(a1, vx, vy);
    a2 = multiplyAdd(a2, vx, vy);
    a3 = multiplyAdd(a3, vx, vy);
    a4 = multiplyAdd(a4, vx, vy);
    a5 = multiplyAdd(a5, vx, vy);
    a6 = multiplyAdd(a6, vx, vy);
    a7 = multiplyAdd(a7, vx, vy);
    a8 = multiplyAdd(a8, vx, vy);
    a9 = multiplyAdd(a9, vx, vy);
    a10 = multiplyAdd(a10, vx, vy);
    a11 = multiplyAdd(a11, vx, vy);
  }
  const all = f32x4.add(f32x4.add(sum(a0, a1, a2, a3), sum(a4, a5, a6, a7)), sum(a8, a9, a10, a11));
  return f32x4.extract_lane(all, 0);
}

/**
 * 6 chains of products and 6 of sums that do not wait for each other: 48 FLOP a turn. A chain of multiply-adds that are not fused
 * waits for both, so that a processor that begins two of each a cycle needs more than the 12 chains for which V8 has registers.
 * Ones are multiplied and zeros added (`one` is 1, `zero` 0), in a way that hides from compilers that the chains are equal.
 */
export function separate6(turns: i32, one: f32, zero: f32): f32 {
  let p0 = f32x4.splat(one);
  let p1 = f32x4.splat(one + zero);
  let p2 = f32x4.splat(one + 2 * zero);
  let p3 = f32x4.splat(one + 3 * zero);
  let p4 = f32x4.splat(one + 4 * zero);
  let p5 = f32x4.splat(one + 5 * zero);
  let s0 = f32x4.splat(zero);
  let s1 = f32x4.splat(-zero);
  let s2 = f32x4.splat(2 * zero);
  let s3 = f32x4.splat(3 * zero);
  let s4 = f32x4.splat(4 * zero);
  let s5 = f32x4.splat(5 * zero);
  for (let i = 0; i < turns; i++) {
    p0 = f32x4.mul(p0, p0);
    s0 = f32x4.add(s0, s0);
    p1 = f32x4.mul(p1, p1);
    s1 = f32x4.add(s1, s1);
    p2 = f32x4.mul(p2, p2);
    s2 = f32x4.add(s2, s2);
    p3 = f32x4.mul(p3, p3);
    s3 = f32x4.add(s3, s3);
    p4 = f32x4.mul(p4, p4);
    s4 = f32x4.add(s4, s4);
    p5 = f32x4.mul(p5, p5);
    s5 = f32x4.add(s5, s5);
  }
  const products = f32x4.add(sum(p0, p1, p2, p3), f32x4.add(p4, p5));
  const sums = f32x4.add(sum(s0, s1, s2, s3), f32x4.add(s4, s5));
  return f32x4.extract_lane(f32x4.add(products, sums), 0);
}

/** 7 of each, for processors that take longer for one: 56 FLOP a turn. */
export function separate7(turns: i32, one: f32, zero: f32): f32 {
  let p0 = f32x4.splat(one);
  let p1 = f32x4.splat(one + zero);
  let p2 = f32x4.splat(one + 2 * zero);
  let p3 = f32x4.splat(one + 3 * zero);
  let p4 = f32x4.splat(one + 4 * zero);
  let p5 = f32x4.splat(one + 5 * zero);
  let p6 = f32x4.splat(one + 6 * zero);
  let s0 = f32x4.splat(zero);
  let s1 = f32x4.splat(-zero);
  let s2 = f32x4.splat(2 * zero);
  let s3 = f32x4.splat(3 * zero);
  let s4 = f32x4.splat(4 * zero);
  let s5 = f32x4.splat(5 * zero);
  let s6 = f32x4.splat(6 * zero);
  for (let i = 0; i < turns; i++) {
    p0 = f32x4.mul(p0, p0);
    s0 = f32x4.add(s0, s0);
    p1 = f32x4.mul(p1, p1);
    s1 = f32x4.add(s1, s1);
    p2 = f32x4.mul(p2, p2);
    s2 = f32x4.add(s2, s2);
    p3 = f32x4.mul(p3, p3);
    s3 = f32x4.add(s3, s3);
    p4 = f32x4.mul(p4, p4);
    s4 = f32x4.add(s4, s4);
    p5 = f32x4.mul(p5, p5);
    s5 = f32x4.add(s5, s5);
    p6 = f32x4.mul(p6, p6);
    s6 = f32x4.add(s6, s6);
  }
  const products = f32x4.add(sum(p0, p1, p2, p3), f32x4.add(f32x4.add(p4, p5), p6));
  const sums = f32x4.add(sum(s0, s1, s2, s3), f32x4.add(f32x4.add(s4, s5), s6));
  return f32x4.extract_lane(f32x4.add(products, sums), 0);
}

/** 8 chains acc += x[k] · y with the products off the chain, as in a register tile; x wraps in 4 KB: 64 FLOP a turn. */
export function products8(turns: i32, x: usize, y: f32): f32 {
  let a0 = f32x4.splat(1);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let a4 = a0;
  let a5 = a0;
  let a6 = a0;
  let a7 = a0;
  const vy = f32x4.splat(y);
  for (let i = 0; i < turns; i++) {
    const at = x + (((<usize>i) & 31) << 7);
    a0 = multiplyAdd(v128.load(at), vy, a0);
    a1 = multiplyAdd(v128.load(at, 16), vy, a1);
    a2 = multiplyAdd(v128.load(at, 32), vy, a2);
    a3 = multiplyAdd(v128.load(at, 48), vy, a3);
    a4 = multiplyAdd(v128.load(at, 64), vy, a4);
    a5 = multiplyAdd(v128.load(at, 80), vy, a5);
    a6 = multiplyAdd(v128.load(at, 96), vy, a6);
    a7 = multiplyAdd(v128.load(at, 112), vy, a7);
  }
  return f32x4.extract_lane(f32x4.add(sum(a0, a1, a2, a3), sum(a4, a5, a6, a7)), 0);
}

/** Register tiles below one another in a turn of `microkernel`. */
const tiles: i32 = 4;

/** Where `microkernel` keeps the record that its tiles read. */
const recordAddress = memory.data(offsetof<GemmRecord>(), 16);

/** FLOP of a turn of `microkernel`. */
export function microkernelFlops(count: i32): i32 {
  return 2 * tiles * MR * NR * count;
}

/** The register tiles of the GEMM on panels that lie in L1: a [tiles · MR, count], b [count, NR], c [tiles · MR, NR]. */
export function microkernel(turns: i32, a: usize, b: usize, c: usize, count: i32): void {
  const record = changetype<GemmRecord>(recordAddress);
  record.a = a;
  record.lda = count;
  record.ldc = NR;
  record.alpha = 1;
  for (let i = 0; i < turns; i++) rowsByPanel(record, 0, 0, count, b, c, tiles, 0, 0, false);
}

/** memory.copy of `bytes`, `turns` times: how fast memory moves. */
export function copyBytes(turns: i32, to: usize, from: usize, bytes: usize): void {
  for (let i = 0; i < turns; i++) memory.copy(to, from, bytes);
}
