import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchChromium } from "../host/browser.js";
import { serve } from "../host/serve.js";
import { bundle } from "../reproducibility/browser.js";
import { mnistImages } from "../reproducibility/images.js";
import { type TrainedState, trainNetwork } from "../reproducibility/network.js";

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

type TrainingWindow = Window & { train(threads: number): Promise<TrainedState> };

/** Trains in a page that has `speedPage.ts`. */
function trainInPage(page: Page, threads: number): Promise<TrainedState> {
  return page.evaluate((count) => (window as unknown as TrainingWindow).train(count), threads);
}

describe("200 steps of the MNIST network in Chromium and in Node, in turn, in the simd build", () => {
  // Other processes may take the cores of one of the two.
  it.each([1, 2])("take at most 1.15 times as long in Chromium on %i threads", { retry: 2 }, async (threads) => {
    const { images, labels } = await mnistImages();
    const files: Record<string, string | Uint8Array> = {
      "/page.html": '<!doctype html><script type="module" src="page.js"></script>',
      "/page.js": await bundle("../browser/speedPage.ts"),
      "/images": images,
      "/labels": labels,
    };
    const [inNode, inChromium]: [number[], number[]] = [[], []];
    await serve(
      (path) => files[path],
      true,
      async (url) => {
        const page = await browser.newPage();
        await page.goto(`${url}page.html`);
        await page.waitForFunction("globalThis.train !== undefined");
        for (let round = 0; round < 5; round++) {
          const node = await trainNetwork(images, labels, { reproducible: true, threads });
          const chromium = await trainInPage(page, threads);
          expect(chromium).toMatchObject({ threads, hash: node.hash });
          inNode.push(node.milliseconds);
          inChromium.push(chromium.milliseconds);
        }
        await page.close();
      },
    );
    const ratio = median(inChromium) / median(inNode);
    const [node, chromium] = [inNode, inChromium].map((values) => (median(values) / 200).toFixed(2));
    console.log(`${threads} threads: ${chromium} ms a step in Chromium, ${node} in Node: ${ratio.toFixed(2)} times`);
    expect(ratio).toBeLessThan(1.15);
  });
});
