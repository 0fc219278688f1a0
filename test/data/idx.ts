import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** The bytes of an IDX file of unsigned bytes. */
export function idxOfBytes(shape: readonly number[], elements: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4 + 4 * shape.length + elements.length);
  bytes.set([0, 0, 8, shape.length]);
  const view = new DataView(bytes.buffer);
  shape.forEach((length, i) => view.setUint32(4 + 4 * i, length));
  bytes.set(elements, 4 + 4 * shape.length);
  return bytes;
}

/** A new folder, removed after the tests of the file that asked for it. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "wasmgrad-test-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * Writes an MNIST of few images, whose class can be read off them (each lights up rows of its own), into `folder`.
 * Returns the images, one row of bytes each, and the labels of both sets.
 */
export function writeTinyMnist(
  folder: string,
  { trainLength = 40, testLength = 20, size = 28 }: { trainLength?: number; testLength?: number; size?: number } = {},
): Record<"train" | "t10k", { images: Uint8Array; labels: Uint8Array }> {
  const make = (length: number): { images: Uint8Array; labels: Uint8Array } => {
    const labels = Uint8Array.from({ length }, (_, i) => i % 10);
    const images = new Uint8Array(length * size * size);
    labels.forEach((label, i) => {
      for (const row of [2 * label + 2, 2 * label + 3]) {
        const start = (i * size + (row % size)) * size;
        images.fill(200 + ((i * 7) % 56), start, start + size);
      }
    });
    return { images, labels };
  };
  const sets = { train: make(trainLength), t10k: make(testLength) };
  for (const [name, { images, labels }] of Object.entries(sets)) {
    writeFileSync(join(folder, `${name}-images-idx3-ubyte`), idxOfBytes([labels.length, size, size], images));
    writeFileSync(join(folder, `${name}-labels-idx1-ubyte`), idxOfBytes([labels.length], labels));
  }
  return sets;
}
