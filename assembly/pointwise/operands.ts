/**
 * What one instruction works on: addresses of its result and its operands, for `bytes`, a multiple of 64. The mask of an operand
 * is all ones, or 0 if it is 16 times one number: offsets are and-ed with it.
 */
@unmanaged
export class Operands {
  y: usize;
  a: usize;
  b: usize;
  c: usize;
  d: usize;
  maskA: usize;
  maskB: usize;
  maskC: usize;
  bytes: usize;
  /** Index of the first element in the results. */
  first: i32;
}

/** y = f(a): F has an inlined method `apply(a)`. Four vectors at a time, for functions of an instruction or two. */
// @ts-ignore: decorator
@inline
export function unaryLight<F>(at: Operands): void {
  const f = changetype<F>(0);
  const y = at.y;
  const a = at.a;
  const maskA = at.maskA;
  const bytes = at.bytes;
  for (let offset: usize = 0; offset < bytes; offset += 64) {
    const from = a + (offset & maskA);
    v128.store(y + offset, f.apply(v128.load(from)));
    v128.store(y + offset, f.apply(v128.load(from, 16)), 16);
    v128.store(y + offset, f.apply(v128.load(from, 32)), 32);
    v128.store(y + offset, f.apply(v128.load(from, 48)), 48);
  }
}

/** The same for longer functions: two at a time hide their latency. */
// @ts-ignore: decorator
@inline
export function unary<F>(at: Operands): void {
  const f = changetype<F>(0);
  const y = at.y;
  const a = at.a;
  const maskA = at.maskA;
  const bytes = at.bytes;
  for (let offset: usize = 0; offset < bytes; offset += 32) {
    // Operands that are one number have 64 bytes of it.
    const from = a + (offset & maskA);
    const first = f.apply(v128.load(from));
    const second = f.apply(v128.load(from, 16));
    v128.store(y + offset, first);
    v128.store(y + offset, second, 16);
  }
}

/** The same for the longest: one at a time keeps the code small. */
// @ts-ignore: decorator
@inline
export function unaryHeavy<F>(at: Operands): void {
  const f = changetype<F>(0);
  const y = at.y;
  const a = at.a;
  const maskA = at.maskA;
  const bytes = at.bytes;
  for (let offset: usize = 0; offset < bytes; offset += 16) {
    v128.store(y + offset, f.apply(v128.load(a + (offset & maskA))));
  }
}

/**
 * The same for a function with a fast form for ordinary numbers: F has inlined methods `isOrdinary(a)`, a mask,
 * `applyOrdinary(a)` and `apply(a)`, which gives the same bits wherever the first form applies. 16 elements that are all
 * ordinary take the fast form.
 */
// @ts-ignore: decorator
@inline
export function unaryChecked<F>(at: Operands): void {
  const f = changetype<F>(0);
  const y = at.y;
  const a = at.a;
  const maskA = at.maskA;
  const bytes = at.bytes;
  for (let offset: usize = 0; offset < bytes; offset += 64) {
    const from = a + (offset & maskA);
    const first = v128.load(from);
    const second = v128.load(from, 16);
    const third = v128.load(from, 32);
    const fourth = v128.load(from, 48);
    const ordinary = v128.and(
      v128.and(f.isOrdinary(first), f.isOrdinary(second)),
      v128.and(f.isOrdinary(third), f.isOrdinary(fourth)),
    );
    if (i32x4.bitmask(ordinary) == 15) {
      v128.store(y + offset, f.applyOrdinary(first));
      v128.store(y + offset, f.applyOrdinary(second), 16);
      v128.store(y + offset, f.applyOrdinary(third), 32);
      v128.store(y + offset, f.applyOrdinary(fourth), 48);
    } else {
      for (let lane: usize = 0; lane < 64; lane += 16) {
        v128.store(y + offset + lane, f.apply(v128.load(from + lane)));
      }
    }
  }
}

/** y = f(a, b): F has an inlined method `apply(a, b)`. One that is a number stays in a register. */
// @ts-ignore: decorator
@inline
export function binary<F>(at: Operands): void {
  const f = changetype<F>(0);
  const y = at.y;
  const a = at.a;
  const b = at.b;
  const bytes = at.bytes;
  const maskA = at.maskA;
  if (at.maskB == 0) {
    const number = v128.load(b);
    for (let offset: usize = 0; offset < bytes; offset += 64) {
      const from = a + (offset & maskA);
      v128.store(y + offset, f.apply(v128.load(from), number));
      v128.store(y + offset, f.apply(v128.load(from, 16), number), 16);
      v128.store(y + offset, f.apply(v128.load(from, 32), number), 32);
      v128.store(y + offset, f.apply(v128.load(from, 48), number), 48);
    }
  } else {
    for (let offset: usize = 0; offset < bytes; offset += 64) {
      const from = a + (offset & maskA);
      v128.store(y + offset, f.apply(v128.load(from), v128.load(b + offset)));
      v128.store(y + offset, f.apply(v128.load(from, 16), v128.load(b + offset, 16)), 16);
      v128.store(y + offset, f.apply(v128.load(from, 32), v128.load(b + offset, 32)), 32);
      v128.store(y + offset, f.apply(v128.load(from, 48), v128.load(b + offset, 48)), 48);
    }
  }
}

/** The same for longer functions: one vector at a time keeps the code small. */
// @ts-ignore: decorator
@inline
export function binaryHeavy<F>(at: Operands): void {
  const f = changetype<F>(0);
  const y = at.y;
  const a = at.a;
  const b = at.b;
  const maskA = at.maskA;
  const maskB = at.maskB;
  const bytes = at.bytes;
  for (let offset: usize = 0; offset < bytes; offset += 16) {
    const left = v128.load(a + (offset & maskA));
    v128.store(y + offset, f.apply(left, v128.load(b + (offset & maskB))));
  }
}

/** y = f(a, b, c): F has an inlined method `apply(a, b, c)`. */
// @ts-ignore: decorator
@inline
export function ternary<F>(at: Operands): void {
  const f = changetype<F>(0);
  const y = at.y;
  const a = at.a;
  const b = at.b;
  const c = at.c;
  const maskA = at.maskA;
  const maskB = at.maskB;
  const maskC = at.maskC;
  const bytes = at.bytes;
  if (maskB == 0) {
    const number = v128.load(b);
    for (let offset: usize = 0; offset < bytes; offset += 64) {
      const first = a + (offset & maskA);
      const third = c + (offset & maskC);
      const to = y + offset;
      v128.store(to, f.apply(v128.load(first), number, v128.load(third)));
      v128.store(to, f.apply(v128.load(first, 16), number, v128.load(third, 16)), 16);
      v128.store(to, f.apply(v128.load(first, 32), number, v128.load(third, 32)), 32);
      v128.store(to, f.apply(v128.load(first, 48), number, v128.load(third, 48)), 48);
    }
    return;
  }
  for (let offset: usize = 0; offset < bytes; offset += 64) {
    const first = a + (offset & maskA);
    const second = b + (offset & maskB);
    const third = c + (offset & maskC);
    const to = y + offset;
    v128.store(to, f.apply(v128.load(first), v128.load(second), v128.load(third)));
    v128.store(to, f.apply(v128.load(first, 16), v128.load(second, 16), v128.load(third, 16)), 16);
    v128.store(to, f.apply(v128.load(first, 32), v128.load(second, 32), v128.load(third, 32)), 32);
    v128.store(to, f.apply(v128.load(first, 48), v128.load(second, 48), v128.load(third, 48)), 48);
  }
}
