import { multiplyAdd } from "../math/lanes";
import { MR } from "./params";
import { addressInA, addressInColumns, addressInPanels, addressInRows, GemmRecord, stepOfA, stepOfB } from "./record";

/** What the tiles read: how A lies, and B. */
const enum Form {
  /** Rows of A with k contiguous, times a packed panel of B. */
  rowsByPanel,
  /** The same, times 8 columns of B where they lie. */
  rowsByRows,
  /** Neighbouring elements of rows of Aᵀ. */
  columnsByRows,
  /** The same of a packed Aᵀ. */
  panelsByRows,
  /** Any A, and 4 rows in a build whose whole tiles have 6. */
  short,
}

/**
 * `tiles` register tiles below one another: whole tiles of MR rows × 8 columns of C, the first of which begins at `row` and lies at
 * c, each summed over `count` ≥ 0 steps from k on and finished in registers: C = alpha · tile + beta · C + bias, then ReLU. b is
 * where row k of the 8 columns of B lies. What is the same for all tiles of a product is read from its record: as parameters
 * it would be 8 more, and no faster.
 *
 * Where A lies by columns (and whole tiles have 4 rows), the rows' elements of one k are read at constant offsets of one pointer,
 * else each row has its own.
 *
 * The form of the loop is chosen for what V8 makes of it. One step of k for each turn: unrolled, its scheduler hoists the
 * loads of later steps and spills. But where a row of A has its own pointer, 4 of them are advanced beside 22 other operations,
 * so `isPaired` takes two steps a turn, the second at constant offsets, with a test for the end between them that keeps their
 * loads apart. Row pointers are sums computed here: V8 knows those to be zero-extended, where a parameter that advances is
 * copied to another register for each load.
 */
// @ts-ignore: decorator
@inline
function tileColumn(
  form: Form,
  record: GemmRecord,
  row: i32,
  k: i32,
  count: i32,
  b: usize,
  c: usize,
  tiles: i32,
  beta: f32,
  bias: usize,
  relu: bool,
): void {
  const isTall = MR == 6 && form != Form.short;
  const areRows = form == Form.rowsByPanel || form == Form.rowsByRows;
  const isColumns = MR != 6 && (form == Form.columnsByRows || form == Form.panelsByRows);
  const isPaired = MR != 6 && areRows;
  const lda = (<usize>record.lda) << 2;
  const aRow: usize = areRows ? lda : 4;
  const aStep: usize = areRows
    ? 4
    : form == Form.columnsByRows
      ? lda
      : form == Form.panelsByRows
        ? 32
        : stepOfA(record);
  const bStep: usize =
    form == Form.rowsByPanel ? 32 : form == Form.rowsByRows ? (<usize>record.ldb) << 2 : stepOfB(record);
  const cRow = (<usize>record.ldc) << 2;
  const alpha = record.alpha;
  const rows = isTall ? 6 : 4;
  const start = areRows ? addressInRows(record, row, k) : addressInColumns(record, row, k);
  const aTile = aRow * rows;
  for (let offset: usize = 0; tiles > 0; tiles--, offset += aTile, row += rows) {
    const isNear = areRows || form == Form.columnsByRows;
    const isPanels = form == Form.panelsByRows;
    let a0 = isNear ? start + offset : isPanels ? addressInPanels(record, row, k) : addressInA(record, row, k);
    let a1 = isNear ? a0 + aRow : isPanels ? addressInPanels(record, row + 1, k) : addressInA(record, row + 1, k);
    let a2 = isNear ? a1 + aRow : isPanels ? addressInPanels(record, row + 2, k) : addressInA(record, row + 2, k);
    let a3 = isNear ? a2 + aRow : isPanels ? addressInPanels(record, row + 3, k) : addressInA(record, row + 3, k);
    let a4 = isNear ? a3 + aRow : isPanels ? addressInPanels(record, row + 4, k) : 0;
    let a5 = isNear ? a4 + aRow : isPanels ? addressInPanels(record, row + 5, k) : 0;
    let bk = b;
    let c00 = f32x4.splat(0);
    let c01 = c00;
    let c10 = c00;
    let c11 = c00;
    let c20 = c00;
    let c21 = c00;
    let c30 = c00;
    let c31 = c00;
    let c40 = c00;
    let c41 = c00;
    let c50 = c00;
    let c51 = c00;
    for (let left = count; left > 0; left--) {
      let b0 = v128.load(bk);
      let b1 = v128.load(bk, 16);
      let x: v128;
      if (isTall) {
        x = isColumns ? v128.load_splat<f32>(a0, 20) : v128.load_splat<f32>(a5);
        c51 = multiplyAdd(x, b1, c51);
        c50 = multiplyAdd(x, b0, c50);
        x = isColumns ? v128.load_splat<f32>(a0, 16) : v128.load_splat<f32>(a4);
        c41 = multiplyAdd(x, b1, c41);
        c40 = multiplyAdd(x, b0, c40);
      }
      x = isColumns ? v128.load_splat<f32>(a0, 12) : v128.load_splat<f32>(a3);
      c31 = multiplyAdd(x, b1, c31);
      c30 = multiplyAdd(x, b0, c30);
      x = isColumns ? v128.load_splat<f32>(a0, 8) : v128.load_splat<f32>(a2);
      c21 = multiplyAdd(x, b1, c21);
      c20 = multiplyAdd(x, b0, c20);
      x = isColumns ? v128.load_splat<f32>(a0, 4) : v128.load_splat<f32>(a1);
      c11 = multiplyAdd(x, b1, c11);
      c10 = multiplyAdd(x, b0, c10);
      x = v128.load_splat<f32>(a0);
      c01 = multiplyAdd(x, b1, c01);
      c00 = multiplyAdd(x, b0, c00);
      if (isPaired) {
        if (--left == 0) break;
        bk += bStep;
        b0 = v128.load(bk);
        b1 = v128.load(bk, 16);
        x = v128.load_splat<f32>(a3, 4);
        c31 = multiplyAdd(x, b1, c31);
        c30 = multiplyAdd(x, b0, c30);
        x = v128.load_splat<f32>(a2, 4);
        c21 = multiplyAdd(x, b1, c21);
        c20 = multiplyAdd(x, b0, c20);
        x = v128.load_splat<f32>(a1, 4);
        c11 = multiplyAdd(x, b1, c11);
        c10 = multiplyAdd(x, b0, c10);
        x = v128.load_splat<f32>(a0, 4);
        c01 = multiplyAdd(x, b1, c01);
        c00 = multiplyAdd(x, b0, c00);
      }
      const advance: usize = isPaired ? 2 * aStep : aStep;
      a0 += advance;
      if (!isColumns) {
        a1 += advance;
        a2 += advance;
        a3 += advance;
        if (isTall) {
          a4 += advance;
          a5 += advance;
        }
      }
      bk += bStep;
    }
    const c1 = c + cRow;
    const c2 = c1 + cRow;
    const c3 = c2 + cRow;
    const c4 = c3 + cRow;
    const c5 = c4 + cRow;
    if (alpha != 1) {
      const scale = f32x4.splat(alpha);
      c00 = f32x4.mul(c00, scale);
      c01 = f32x4.mul(c01, scale);
      c10 = f32x4.mul(c10, scale);
      c11 = f32x4.mul(c11, scale);
      c20 = f32x4.mul(c20, scale);
      c21 = f32x4.mul(c21, scale);
      c30 = f32x4.mul(c30, scale);
      c31 = f32x4.mul(c31, scale);
      if (isTall) {
        c40 = f32x4.mul(c40, scale);
        c41 = f32x4.mul(c41, scale);
        c50 = f32x4.mul(c50, scale);
        c51 = f32x4.mul(c51, scale);
      }
    }
    if (beta != 0) {
      const scale = f32x4.splat(beta);
      c00 = f32x4.add(c00, f32x4.mul(v128.load(c), scale));
      c01 = f32x4.add(c01, f32x4.mul(v128.load(c, 16), scale));
      c10 = f32x4.add(c10, f32x4.mul(v128.load(c1), scale));
      c11 = f32x4.add(c11, f32x4.mul(v128.load(c1, 16), scale));
      c20 = f32x4.add(c20, f32x4.mul(v128.load(c2), scale));
      c21 = f32x4.add(c21, f32x4.mul(v128.load(c2, 16), scale));
      c30 = f32x4.add(c30, f32x4.mul(v128.load(c3), scale));
      c31 = f32x4.add(c31, f32x4.mul(v128.load(c3, 16), scale));
      if (isTall) {
        c40 = f32x4.add(c40, f32x4.mul(v128.load(c4), scale));
        c41 = f32x4.add(c41, f32x4.mul(v128.load(c4, 16), scale));
        c50 = f32x4.add(c50, f32x4.mul(v128.load(c5), scale));
        c51 = f32x4.add(c51, f32x4.mul(v128.load(c5, 16), scale));
      }
    }
    if (bias != 0) {
      const bias0 = v128.load(bias);
      const bias1 = v128.load(bias, 16);
      c00 = f32x4.add(c00, bias0);
      c01 = f32x4.add(c01, bias1);
      c10 = f32x4.add(c10, bias0);
      c11 = f32x4.add(c11, bias1);
      c20 = f32x4.add(c20, bias0);
      c21 = f32x4.add(c21, bias1);
      c30 = f32x4.add(c30, bias0);
      c31 = f32x4.add(c31, bias1);
      if (isTall) {
        c40 = f32x4.add(c40, bias0);
        c41 = f32x4.add(c41, bias1);
        c50 = f32x4.add(c50, bias0);
        c51 = f32x4.add(c51, bias1);
      }
    }
    if (relu) {
      // pmax(x, 0) is `x < 0 ? 0 : x`, which keeps NaN.
      const zero = f32x4.splat(0);
      c00 = f32x4.pmax(c00, zero);
      c01 = f32x4.pmax(c01, zero);
      c10 = f32x4.pmax(c10, zero);
      c11 = f32x4.pmax(c11, zero);
      c20 = f32x4.pmax(c20, zero);
      c21 = f32x4.pmax(c21, zero);
      c30 = f32x4.pmax(c30, zero);
      c31 = f32x4.pmax(c31, zero);
      if (isTall) {
        c40 = f32x4.pmax(c40, zero);
        c41 = f32x4.pmax(c41, zero);
        c50 = f32x4.pmax(c50, zero);
        c51 = f32x4.pmax(c51, zero);
      }
    }
    v128.store(c, c00);
    v128.store(c, c01, 16);
    v128.store(c1, c10);
    v128.store(c1, c11, 16);
    v128.store(c2, c20);
    v128.store(c2, c21, 16);
    v128.store(c3, c30);
    v128.store(c3, c31, 16);
    if (isTall) {
      v128.store(c4, c40);
      v128.store(c4, c41, 16);
      v128.store(c5, c50);
      v128.store(c5, c51, 16);
    }
    c = isTall ? c5 + cRow : c4;
  }
}

/** Tiles of an A with k contiguous and a packed B. */
export function rowsByPanel(
  record: GemmRecord,
  row: i32,
  k: i32,
  count: i32,
  b: usize,
  c: usize,
  tiles: i32,
  beta: f32,
  bias: usize,
  relu: bool,
): void {
  tileColumn(Form.rowsByPanel, record, row, k, count, b, c, tiles, beta, bias, relu);
}

/** Tiles of an A with k contiguous and a B that is not packed. */
export function rowsByRows(
  record: GemmRecord,
  row: i32,
  k: i32,
  count: i32,
  b: usize,
  c: usize,
  tiles: i32,
  beta: f32,
  bias: usize,
  relu: bool,
): void {
  tileColumn(Form.rowsByRows, record, row, k, count, b, c, tiles, beta, bias, relu);
}

/** Tiles of an Aᵀ. */
export function columnsByRows(
  record: GemmRecord,
  row: i32,
  k: i32,
  count: i32,
  b: usize,
  c: usize,
  tiles: i32,
  beta: f32,
  bias: usize,
  relu: bool,
): void {
  tileColumn(Form.columnsByRows, record, row, k, count, b, c, tiles, beta, bias, relu);
}

/** Tiles of a packed Aᵀ. */
export function panelsByRows(
  record: GemmRecord,
  row: i32,
  k: i32,
  count: i32,
  b: usize,
  c: usize,
  tiles: i32,
  beta: f32,
  bias: usize,
  relu: bool,
): void {
  tileColumn(Form.panelsByRows, record, row, k, count, b, c, tiles, beta, bias, relu);
}

/** Tiles of 4 rows in a build whose whole tiles have 6, for what those leave over. */
export function shortTiles(
  record: GemmRecord,
  row: i32,
  k: i32,
  count: i32,
  b: usize,
  c: usize,
  tiles: i32,
  beta: f32,
  bias: usize,
  relu: bool,
): void {
  tileColumn(Form.short, record, row, k, count, b, c, tiles, beta, bias, relu);
}
