/**
 * Block sizes of the GEMM, named as in BLIS (Van Zee and van de Geijn, 2015). C is cut into register tiles of
 * MR × NR; a sum over K runs in blocks of at most KC.
 */

/** Rows of a register tile: four row pointers of A, 4 × 8 floats in eight accumulators of the 15 registers V8 leaves. */
export const MR: i32 = 4;

/** Columns of a register tile and of a packed panel of B. */
export const NR: i32 = 8;

/** Longest run over K: a panel of B then takes KC · NR · 4 = 8 KB, which stays in L1 while the rows of A pass by. */
export const KC: i32 = 256;

/** Rows of A that one panel of B is multiplied by before the next: MC · KC · 4 = 256 KB of A stay in L2. */
export const MC: i32 = 256;
