/**
 * Block sizes of the GEMM, named as in BLIS (Van Zee and van de Geijn, 2015). C is cut into register tiles of
 * MR × NR; a sum over K runs in blocks of at most KC.
 */

/**
 * Rows of a register tile. V8 leaves 15 vector registers. 4 × 8 floats take 8 accumulators, which covers the latency of
 * separate multiplies and adds; fused ones, two a cycle with latency 4, want more than 8: 6 × 8 takes 12, and 3 for operands.
 */
export const MR: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 4;

/** Columns of a register tile and of a packed panel of B. */
// @ts-ignore: decorator
@shared
export const NR: i32 = 8;

/** Longest run over K: a panel of B then takes KC · NR · 4 = 12 KB, which stays in L1 while the rows of A pass by. */
// @ts-ignore: decorator
@shared
export const KC: i32 = 384;

/** Rows of A (a multiple of MR) that one panel of B meets before the next one: MC · KC · 4 = 252 KB of A stay in L2. */
// @ts-ignore: decorator
@shared
export const MC: i32 = 168;

/** With fewer rows than this, a tile computes more rows than there are, and walking along the rows of B is faster. */
// @ts-ignore: decorator
@shared
export const MINIMUM_ROWS: i32 = 4;
