import type { Shape } from "../../../src/graph/index.js";
import { type Numbers, type Primitives, sum } from "../primitive.js";

/** A map along an axis, as attributes describe it. */
interface AxisMap {
  readonly kind: "window" | "shares" | "nearest" | "linear";
  readonly length: number;
  readonly count: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly divisor: number | "inside" | "padded";
  readonly end: number;
  readonly step: number;
  readonly offset: number;
}

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

/** The positions that output i is formed of. */
function positionsOf({ kind, length, count, kernel, stride, dilation, before }: AxisMap, i: number): readonly number[] {
  if (kind === "shares")
    return range(length).filter((at) => at * count < (i + 1) * length && (at + 1) * count > i * length);
  return range(kernel)
    .map((tap) => i * stride - before + tap * dilation)
    .filter((at) => at >= 0 && at < length);
}

/** What output i takes of each position of the axis. */
function weightsOf(map: AxisMap, i: number): readonly number[] {
  const { kind, length, kernel, stride, before, divisor, end, step, offset } = map;
  if (kind === "nearest" || kind === "linear") {
    const place = step * (i + offset) - (kind === "linear" ? offset : 0);
    const inside = Math.min(Math.max(place, 0), length - 1);
    return range(length).map((at) => {
      if (kind === "nearest") return Number(at === Math.floor(inside + 1e-6));
      return Math.max(1 - Math.abs(at - inside), 0);
    });
  }
  const positions = positionsOf(map, i);
  const start = i * stride - before;
  const padded = Math.min(start + kernel, end) - start;
  const over =
    typeof divisor === "number" ? divisor : divisor === "padded" && kind === "window" ? padded : positions.length;
  return range(length).map((at) => Number(positions.includes(at)) / over);
}

/** [A, K, C] with the axis in the middle through a matrix of `count` rows. */
function along(
  x: Numbers,
  shape: Shape,
  axis: number,
  count: number,
  weight: (i: number, at: number) => number,
): Float64Array {
  const size = (lengths: Shape): number => lengths.reduce((product, length) => product * length, 1);
  const [A, K, C] = [size(shape.slice(0, axis)), shape[axis]!, size(shape.slice(axis + 1))];
  return Float64Array.from({ length: A * count * C }, (_, place) => {
    const [c, i, a] = [place % C, Math.floor(place / C) % count, Math.floor(place / (C * count))];
    return sum(K, (at) => (weight(i, at) === 0 ? 0 : weight(i, at) * x[(a * K + at) * C + c]!));
  });
}

export const primitives: Primitives = {
  resample({ inputs, shapes, attributes }) {
    const { rows, columns, isAdjoint } = attributes as {
      rows: AxisMap | null;
      columns: AxisMap | null;
      isAdjoint: boolean;
    };
    let y: Numbers = inputs["x"]!;
    let shape = shapes["x"]!;
    for (const [axis, map] of [[1, rows] as const, [2, columns] as const]) {
      if (!map) continue;
      const matrix = range(map.count).map((i) => weightsOf(map, i));
      const count = isAdjoint ? map.length : map.count;
      y = along(y, shape, axis, count, (i, at) => (isAdjoint ? matrix[at]![i]! : matrix[i]![at]!));
      shape = shape.map((length, other) => (other === axis ? count : length));
    }
    return { y };
  },
  windowMaximum({ inputs, shapes, attributes }) {
    const { axis, map } = attributes as { axis: number; map: AxisMap };
    const x = inputs["x"]!;
    const shape = shapes["x"]!;
    const inner = shape.slice(axis + 1).reduce((product, length) => product * length, 1);
    const winners = Array.from(
      { length: shapes["y"]!.reduce((product, length) => product * length, 1) },
      (_, place) => {
        const [c, i] = [place % inner, Math.floor(place / inner) % map.count];
        const line = Math.floor(place / (inner * map.count)) * map.length * inner + c;
        const at = (position: number): number => x[line + position * inner]!;
        const winner = positionsOf(map, i).reduce((best, next) =>
          at(next) > at(best) || Number.isNaN(at(next)) ? next : best,
        );
        return [winner, at(winner)] as const;
      },
    );
    return { y: winners.map(([, largest]) => largest), winners: winners.map(([winner]) => winner) };
  },
};
