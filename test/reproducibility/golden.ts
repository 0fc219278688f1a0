// npm run golden: trains the network on one thread and writes the hash of what it learned to golden.json. Run it when a
// kernel's arithmetic, an initialiser or a shuffle was changed on purpose.
import { writeFileSync } from "node:fs";
import { mnistImages } from "./images.js";
import { trainNetwork } from "./network.js";

const { images, labels } = await mnistImages();
const { hash } = await trainNetwork(images, labels, { reproducible: true, threads: 1 });
writeFileSync(new URL("./golden.json", import.meta.url), `${JSON.stringify({ hash }, null, 2)}\n`);
console.log(hash);
