import { constants } from "../../engine/index.js";
import type { Emitter, MemoryRange, Value } from "../../graph/index.js";
import { emitPack, packedSize } from "../products/packPanels.js";

/** The parts of a value [T, …], of which each step has one. */
export function slabsOf(emit: Emitter, value: Value): (step: number) => MemoryRange {
  const data = emit.data(value);
  const bytes = value.bytes / value.shape[0]!;
  return (step) => data.view(step * bytes, bytes);
}

/** The product of every step: rows times one weight [K, N], or its transpose, which is packed before the first. */
export class RecurrentProduct {
  private readonly b: Value | MemoryRange;
  private readonly packedB: boolean;
  private readonly K: number;
  private readonly N: number;

  constructor(
    private readonly emitter: Emitter,
    weight: Value,
    private readonly rows: number,
    isTransposed: boolean,
  ) {
    const [height, width] = weight.shape as [number, number];
    const [K, N] = isTransposed ? [width, height] : [height, width];
    [this.K, this.N] = [K, N];
    // A few rows are multiplied fastest along the rows of the weight itself.
    this.packedB = isTransposed || rows >= constants.MINIMUM_ROWS;
    if (!this.packedB) {
      this.b = weight;
      return;
    }
    this.b = emitter.scratch(4 * packedSize({ K, N }), "the packed weight of the hidden state");
    const layout = { K, N, rowStride: isTransposed ? 1 : width, columnStride: isTransposed ? width : 1 };
    emitPack(emitter, weight, this.b, layout);
  }

  /** c = a · B + bias, or c + a · B if it adds. */
  emit(
    a: MemoryRange,
    c: MemoryRange,
    { bias, adds = false }: { bias?: Value | undefined; adds?: boolean } = {},
  ): void {
    const { K, N } = this;
    this.emitter.record("gemm", {
      ...{ a, b: this.b, c, bias, scratch: 0, M: this.rows, N, K, lda: K, ldb: N, ldc: N },
      ...{ chunk: Math.max(K, 1), slots: 0, slotBytes: 0, alpha: 1, beta: adds ? 1 : 0, relu: false },
      ...{ transposeA: false, transposeB: false, packedA: false, packedB: this.packedB },
    });
  }
}
