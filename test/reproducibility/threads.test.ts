import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { probeHost } from "../../src/engine/index.js";
import { mnistImages } from "./images.js";
import { trainNetwork } from "./network.js";

const golden = JSON.parse(readFileSync(new URL("./golden.json", import.meta.url), "utf8")) as { hash: string };

describe("200 steps of the MNIST network with dropout", async () => {
  const { images, labels } = await mnistImages();

  it.each([1, 2, 3, 4, 7])("end in the golden bytes in the simd build on %i threads", async (threads) => {
    const result = await trainNetwork(images, labels, { reproducible: true, threads });
    console.log(`${process.version}, ${result.threads} threads, ${result.milliseconds.toFixed(0)} ms: ${result.hash}`);
    expect(result).toMatchObject({ threads, hash: golden.hash });
  });

  it("end in the same bytes on 1, 2 and 3 threads in the fastest build of this host", async () => {
    const build = probeHost().relaxed ? "relaxed" : "simd";
    const hashes = new Set<string>();
    for (const threads of [1, 2, 3]) hashes.add((await trainNetwork(images, labels, { build, threads })).hash);
    console.log(`${process.version}, ${build}: ${[...hashes].join(" ")}`);
    expect(hashes.size).toBe(1);
  });
});
