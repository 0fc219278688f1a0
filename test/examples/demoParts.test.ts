import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { data } from "../../src/index.js";
import { chosenRows } from "../../examples/demo/bench/rows.js";
import { normalizeDigit } from "../../examples/demo/draw/normalize.js";
import { indexOfLargest, pixels, side, softmax } from "../../examples/demo/training/digits.js";
import { inspect } from "../../examples/demo/training/inspect.js";

const size = 120;

/** A drawing with a filled rectangle. */
function rectangle(left: number, top: number, width: number, height: number): Float32Array {
  return Float32Array.from({ length: size * size }, (_, i) => {
    const [x, y] = [i % size, Math.floor(i / size)];
    return x >= left && x < left + width && y >= top && y < top + height ? 1 : 0;
  });
}

/** Sum, centre of mass, and the box around what is not 0. */
function measureOf(digit: Uint8Array): { sum: number; x: number; y: number; width: number; height: number } {
  let [sum, x, y] = [0, 0, 0];
  const columns = new Set<number>();
  const rows = new Set<number>();
  digit.forEach((value, i) => {
    sum += value;
    x += value * ((i % side) + 0.5);
    y += value * (Math.floor(i / side) + 0.5);
    if (value === 0) return;
    columns.add(i % side);
    rows.add(Math.floor(i / side));
  });
  return { sum: sum / 255, x: x / sum, y: y / sum, width: columns.size, height: rows.size };
}

describe("normalizeDigit", () => {
  it("gives a rectangle, wherever it is and however large, 20 pixels along its longer side and the middle", () => {
    const length = fc.integer({ min: 1, max: 60 });
    const place = fc.integer({ min: 0, max: 60 });
    fc.assert(
      fc.property(place, place, length, length, (left, top, width, height) => {
        const measured = measureOf(normalizeDigit(rectangle(left, top, width, height), size, size)!);
        const scale = 20 / Math.max(width, height);
        expect(measured.x).toBeCloseTo(side / 2, 1);
        expect(measured.y).toBeCloseTo(side / 2, 1);
        expect(Math.max(measured.width, measured.height)).toBe(20);
        // Grey pixels at the edges keep the area: it is antialiased. Each may be off by its rounding.
        expect(Math.abs(measured.sum - width * height * scale * scale)).toBeLessThan(0.2);
      }),
    );
  });

  it("puts the centre of mass, not of the box, in the middle", () => {
    const ink = rectangle(20, 20, 60, 10);
    rectangle(20, 20, 10, 60).forEach((value, i) => (ink[i] = Math.max(ink[i]!, value)));
    const { x, y } = measureOf(normalizeDigit(ink, size, size)!);
    expect(x).toBeCloseTo(side / 2, 1);
    expect(y).toBeCloseTo(side / 2, 1);
  });

  it("has nothing to say of an empty drawing", () => {
    expect(normalizeDigit(new Float32Array(size * size), size, size)).toBeUndefined();
  });
});

describe("what the page shows of a network", () => {
  it("turns logits into probabilities, however large they are", () => {
    const probabilities = softmax(Float32Array.of(1000, 1000, -1000));
    expect([...probabilities]).toEqual([0.5, 0.5, 0]);
    expect(indexOfLargest(Float32Array.of(-3, -1, -2))).toBe(1);
  });

  it("counts who is taken for whom, and shows mistakes by confidence", () => {
    const targets = Uint8Array.of(3, 3, 5, 7);
    const inputs = Uint8Array.from({ length: 4 * pixels }, (_, i) => Math.floor(i / pixels));
    const digits = data.dataset({ inputs, inputShape: [side, side, 1], targets, classes: 10 });
    const logits = new Float32Array(40);
    [3, 8, 6, 1].forEach((prediction, i) => (logits[10 * i + prediction] = i + 1));
    const { matrix, misread, misreadCount, accuracy } = inspect(digits, logits);
    expect(matrix[3]![3]).toBe(1);
    expect(matrix[3]![8]).toBe(1);
    expect(matrix.flat().reduce((sum, value) => sum + value)).toBe(4);
    expect(misreadCount).toBe(3);
    expect(accuracy).toBe(0.25);
    expect(misread.map(({ label, prediction }) => [label, prediction])).toEqual([
      [7, 1],
      [5, 6],
      [3, 8],
    ]);
    expect(misread[0]!.pixels).toEqual(new Uint8Array(pixels).fill(3));
    expect(misread[0]!.confidence).toBeCloseTo(Math.exp(4) / (Math.exp(4) + 9), 5);
  });

  it("finds every row of the benchmark that it names, each with a baseline", () => {
    expect(chosenRows.filter((row) => !("baseline" in row))).toEqual([]);
    expect(new Set(chosenRows).size).toBe(chosenRows.length);
  });
});
