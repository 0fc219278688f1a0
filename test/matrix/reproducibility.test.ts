import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { BrowserName } from "../host/browser.js";
import { trainInBrowser } from "../reproducibility/browser.js";
import { mnistImages } from "../reproducibility/images.js";

const golden = JSON.parse(readFileSync(new URL("../reproducibility/golden.json", import.meta.url), "utf8")) as {
  hash: string;
};

describe("200 steps of the MNIST network with dropout end in the golden bytes", async () => {
  const data = await mnistImages();

  it.each<BrowserName>(["chromium", "firefox-esr"])("in %s on 1, 2, 3, 4 and 7 threads", async (browser) => {
    const counts = [1, 2, 3, 4, 7];
    const { isolated, states, error } = await trainInBrowser(browser, counts, data);
    for (const { threads, milliseconds, hash } of states) {
      console.log(`${browser}, ${threads} threads, ${milliseconds.toFixed(0)} ms: ${hash}`);
    }
    expect({ isolated, error }).toEqual({ isolated: true, error: undefined });
    expect(states.map(({ threads }) => threads)).toEqual(counts);
    for (const { hash } of states) expect(hash).toBe(golden.hash);
  });
});
