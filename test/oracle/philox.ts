const mask32 = 0xffffffffn;

/** Philox4x32-10 in BigInt arithmetic: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011. */
export function philox(counter: readonly number[], key: readonly number[]): number[] {
  let [c0, c1, c2, c3] = counter.map(BigInt) as [bigint, bigint, bigint, bigint];
  let [k0, k1] = key.map(BigInt) as [bigint, bigint];
  for (let round = 0; round < 10; round++) {
    const p0 = 0xd2511f53n * c0;
    const p1 = 0xcd9e8d57n * c2;
    [c0, c1, c2, c3] = [(p1 >> 32n) ^ c1 ^ k0, p1 & mask32, (p0 >> 32n) ^ c3 ^ k1, p0 & mask32];
    k0 = (k0 + 0x9e3779b9n) & mask32;
    k1 = (k1 + 0xbb67ae85n) & mask32;
  }
  return [c0, c1, c2, c3].map(Number);
}
