import { ArgumentError, data, type Dataset } from "wasmgrad";
import { side } from "./digits.js";

export interface Digits {
  readonly train: Dataset;
  readonly test: Dataset;
}

/** The data set in some files. Throws if they are none, or of images of another size. */
export async function readDigits(files: readonly File[]): Promise<Digits> {
  const bytes = await Promise.all(
    files.map(async (file) => [file.name, new Uint8Array(await file.arrayBuffer())] as const),
  );
  const digits = await data.mnist(new Map(bytes));
  const [height, width] = digits.train.inputShape;
  if (height !== side || width !== side) {
    throw new ArgumentError(`the images must be ${side} × ${side}, these are ${height} × ${width}`);
  }
  return digits;
}
