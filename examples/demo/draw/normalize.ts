import { pixels, side } from "../training/digits.js";

/** Digits of MNIST fit into a box of this size, in the middle of their 28 × 28 pixels. */
const boxSize = 20;
/** Ink fainter than this does not count when the box is drawn around it. */
const faintest = 0.1;

/**
 * A drawing as MNIST has its digits: scaled, antialiased, so that the longer side of its bounding box is 20 pixels, and
 * moved so that its centre of mass is the centre of the image.
 * @param ink from 0 to 1, row-major
 * @returns 28 × 28 grey bytes; undefined if there is no ink
 */
export function normalizeDigit(ink: Float32Array, width: number, height: number): Uint8Array | undefined {
  let [left, right, top, bottom] = [width, -1, height, -1];
  let [mass, sumX, sumY] = [0, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = ink[y * width + x]!;
      if (value < faintest) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
      mass += value;
      sumX += value * (x + 0.5);
      sumY += value * (y + 0.5);
    }
  }
  if (mass === 0) return undefined;
  /** Pixels of the drawing that make one of the digit. */
  const step = Math.max(right - left + 1, bottom - top + 1) / boxSize;
  const startX = sumX / mass - (side / 2) * step;
  const startY = sumY / mass - (side / 2) * step;
  const columns = coverages(startX, step, width);
  const rows = coverages(startY, step, height);
  const digit = new Uint8Array(pixels);
  for (let i = 0; i < pixels; i++) {
    let sum = 0;
    for (const { index: y, length: rowLength } of rows[Math.floor(i / side)]!) {
      for (const { index: x, length } of columns[i % side]!) sum += rowLength * length * ink[y * width + x]!;
    }
    digit[i] = Math.round((255 * sum) / (step * step));
  }
  return digit;
}

/** Which pixels of the drawing lie under each pixel of the digit along one axis, and for what length. */
function coverages(start: number, step: number, limit: number): { index: number; length: number }[][] {
  return Array.from({ length: side }, (_, i) => {
    const [from, to] = [start + i * step, start + (i + 1) * step];
    const covered: { index: number; length: number }[] = [];
    for (let index = Math.max(0, Math.floor(from)); index < Math.min(limit, to); index++) {
      covered.push({ index, length: Math.min(to, index + 1) - Math.max(from, index) });
    }
    return covered;
  });
}
