import { ArgumentError, data, type Dataset } from "wasmgrad";
import { digitFiles, type DigitOptions, side } from "./digits.js";

export interface Digits {
  readonly train: Dataset;
  readonly test: Dataset;
}

/** A data set that a person chose. Throws if it is none, or of images of another size. */
export async function readFiles(files: readonly File[]): Promise<Digits> {
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

async function fetchOwn(digitsUrl: string): Promise<Digits> {
  const files = await Promise.all(
    digitFiles.map(async (name) => {
      const response = await fetch(new URL(name, digitsUrl)).catch((cause: unknown) => {
        throw new Error("The digits could not be fetched: there is no connection to the server.", { cause });
      });
      if (!response.ok) throw new Error(`The digits could not be fetched: ${name} answers ${response.status}.`);
      return [name, new Uint8Array(await response.arrayBuffer())] as const;
    }),
  );
  return data.mnist(new Map(files));
}

/** Loads digits; the page's own are fetched once, however often training starts anew. */
export function createLoader(): (options: DigitOptions) => Promise<Digits> {
  let own: Promise<Digits> | undefined;
  return ({ files, digitsUrl }) => {
    if (files) return readFiles(files);
    own ??= fetchOwn(digitsUrl);
    // What failed once may come at the next attempt.
    own.catch(() => (own = undefined));
    return own;
  };
}
