// npm run reproducibility [-- 1,2,3]: trains the network on each of some numbers of threads, in the simd build and in the
// fastest one, and prints what came out. One JSON object a line.
import { probeHost } from "../../src/engine/index.js";
import { mnistImages } from "./images.js";
import { trainNetwork } from "./network.js";

const counts = (process.argv[2] ?? "1,2,3,4,7").split(",").map(Number);
const { images, labels } = await mnistImages();
for (const build of probeHost().relaxed ? (["simd", "relaxed"] as const) : (["simd"] as const)) {
  for (const threads of counts) {
    console.log(JSON.stringify({ build, ...(await trainNetwork(images, labels, { build, threads })) }));
  }
}
