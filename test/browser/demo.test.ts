import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { temporaryFolder, writeTinyMnist } from "../data/idx.js";
import { DemoPage, ellipse, useDemo } from "./demoPage.js";
import { takeSmoothness, watchSmoothness } from "./smoothness.js";

const folder = temporaryFolder();
const served = useDemo();

describe("the demo, trained", () => {
  let demo: DemoPage;
  beforeAll(async () => {
    demo = await DemoPage.open(served.browser, served.isolated);
    await demo.button("Start training").click();
    await demo.waitForAccuracy(95);
    await demo.button("Pause").click();
    await demo.waitForStatus("Paused");
  });
  afterAll(() => demo.page.close());

  it("reads 95 % of the held-out digits within a minute, and says how it runs", async () => {
    expect(await demo.heldOutPercent()).toBeGreaterThanOrEqual(95);
    expect(await demo.page.locator("#fact-isolated").innerText()).toBe("yes");
    expect(await demo.page.locator("#fact-build").innerText()).toMatch(/SIMD$/);
    expect(await demo.page.locator("#epochs tr").count()).toBeGreaterThan(0);
    expect(await demo.page.locator("#filters canvas").count()).toBe(16);
    expect(await demo.page.locator("#misread li").count()).toBeGreaterThan(0);
    const counts = await demo.page.locator("#confusion td.right, #confusion td.wrong").allInnerTexts();
    expect(counts.reduce((sum, text) => sum + Number(text), 0)).toBe(1000);
    const right = await demo.page.locator("#confusion td.right").allInnerTexts();
    expect(right.reduce((sum, text) => sum + Number(text), 0) / 10).toBeCloseTo(await demo.heldOutPercent());
  });

  it.each([
    ["a 0", 0, [ellipse(0.2, 0.34)]],
    [
      "a 1",
      1,
      [
        [
          [0.52, 0.15],
          [0.5, 0.85],
        ],
      ],
    ],
    [
      "a 7, small and in a corner",
      7,
      [
        [
          [0.1, 0.1],
          [0.4, 0.1],
          [0.22, 0.5],
        ],
      ],
    ],
  ] as const)("reads %s drawn with the mouse", async (_, digit, lines) => {
    await demo.button("Clear the drawing").click();
    await demo.draw(...lines);
    await demo.waitForVerdict(digit);
    const largest = Math.max(...(await demo.probabilities()).map(parseFloat));
    expect(largest).toBeGreaterThan(50);
  });

  it("reads digits of the held-out set that are chosen with the keyboard", async () => {
    await demo.button("A held-out 4").focus();
    await demo.page.keyboard.press("Enter");
    await demo.waitForVerdict(4);
    expect(await demo.page.locator("#announcer").innerText()).toMatch(/^It reads 4, at /);
  });

  it("takes no step while paused, goes on after, and the chart moves", async () => {
    const step = await demo.steps();
    const chart = await demo.chartPixels();
    // Answers come from the worker that would train.
    for (let i = 0; i < 10; i++) await demo.button(`A held-out ${i}`).click();
    await demo.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    expect(await demo.steps()).toBe(step);
    expect(await demo.chartPixels()).toBe(chart);
    await demo.button("Resume").click();
    await demo.waitForStep(step + 20);
    expect(await demo.chartPixels()).not.toBe(chart);
    await demo.button("Pause").click();
    await demo.waitForStatus("Paused");
  });

  it("saves a model that predicts the same when a new network loads it", async () => {
    const { page } = demo;
    await demo.button("A held-out 8").click();
    await demo.waitForVerdict(8);
    const expected = await demo.probabilities();
    const downloading = page.waitForEvent("download");
    await demo.button("Save the model").click();
    const path = join(folder, "digits.safetensors");
    await (await downloading).saveAs(path);
    expect((await readFile(path)).length).toBeGreaterThan(4 * 200_000);

    await page.getByLabel("Seed").fill("7");
    await demo.button("Restart").click();
    await demo.waitForStep(1);
    await demo.button("Pause").click();
    await demo.waitForStatus("Paused");
    await page.waitForFunction((before) => {
      const shares = [...document.querySelectorAll("#probabilities .share")].map((share) => share.textContent);
      return shares.join() !== before;
    }, expected.join());
    await page.getByLabel("Load a model").setInputFiles(path);
    await demo.waitForStatus("The network has the weights of digits.safetensors");
    await demo.page.waitForFunction((wanted) => {
      const shares = [...document.querySelectorAll("#probabilities .share")].map((share) => share.textContent);
      return shares.join() === wanted;
    }, expected.join());
  });

  it("says in a sentence what is wrong with a file, and keeps its model", async () => {
    const path = join(folder, "wrong.safetensors");
    await writeFile(path, "no model");
    await demo.page.getByLabel("Load a model").setInputFiles(path);
    await demo.page.getByRole("alert").getByText("This file is not what it should be:").waitFor();
    await demo.button("Dismiss").click();
    await demo.button("A held-out 1").click();
    await demo.waitForVerdict(1);
  });

  it("says which files of a data set are missing, and keeps its own; trains on another if all are there", async () => {
    const names = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte"];
    writeTinyMnist(folder);
    const paths = names.map((name) => join(folder, name));
    const input = demo.page.getByLabel("Choose four files");
    await input.setInputFiles(paths);
    await demo.page.getByRole("alert").getByText("t10k-labels-idx1-ubyte").waitFor();
    await demo.button("Dismiss").click();
    expect(await demo.page.locator("#dataset").innerText()).toContain("6,000 images");
    await input.setInputFiles([...paths, join(folder, "t10k-labels-idx1-ubyte")]);
    await demo.waitForStatus("In use: 40 images to train on, 20 held out.");
    await demo.button("Start training").click();
    await demo.waitForStatus("Training is finished.");
    expect(await demo.steps()).toBe(10);
  });

  it("had nothing to complain of", () => expect(demo.complaints).toEqual([]));
});

describe("the demo while it trains", () => {
  // Here and below: other processes take the cores now and then, so the best of a few attempts is what the page can do.
  it("has done its first step a second after it is opened, if started at once", { retry: 4 }, async () => {
    const page = await served.browser.newPage();
    onTestFinished(() => page.close());
    // Measured in the page, from the start of its navigation: the driver's own delays are not the visitor's.
    await page.addInitScript(() => {
      const state = window as unknown as { firstStep: number };
      const watch = (): void => {
        const toggle = document.querySelector<HTMLButtonElement>("#toggle:enabled");
        if (toggle?.textContent === "Start training") toggle.click();
        const steps = Number(document.getElementById("steps")?.textContent ?? 0);
        if (steps > 0) state.firstStep = performance.now();
        else setTimeout(watch, 1);
      };
      watch();
    });
    await page.goto(served.isolated);
    const milliseconds = await page.waitForFunction(() => (window as unknown as { firstStep?: number }).firstStep);
    const taken = (await milliseconds.jsonValue()) ?? NaN;
    console.log(`first step ${taken.toFixed(0)} ms after the page was opened`);
    expect(taken).toBeLessThan(1000);
  });

  it("keeps the main thread free: no task of 50 ms, frames near 60 a second", { retry: 4 }, async () => {
    const demo = await DemoPage.open(served.browser, served.isolated);
    onTestFinished(() => demo.page.close());
    await demo.button("Start training").click();
    await demo.waitForStep(10);
    await watchSmoothness(served.browser, demo.page);
    await demo.draw(ellipse(0.2, 0.34));
    await demo.waitForStep(200);
    const { longestTask, framesPerSecond } = await takeSmoothness(served.browser, demo.page);
    console.log(
      `${framesPerSecond.toFixed(1)} frames a second; longest task ${longestTask.toFixed(1)} ms of the processor`,
    );
    expect(longestTask, "milliseconds of the longest task").toBeLessThan(50);
    expect(framesPerSecond).toBeGreaterThan(50);
  });

  it("trains without cross-origin isolation too, on one thread", async () => {
    const demo = await DemoPage.open(served.browser, served.plain);
    expect(await demo.page.evaluate(() => crossOriginIsolated)).toBe(false);
    expect(await demo.page.locator("#fact-threads").innerText()).toBe("1");
    await demo.button("Start training").click();
    await demo.waitForAccuracy(90);
    expect(demo.complaints).toEqual([]);
    await demo.page.close();
  });

  it("trains on as many threads as are chosen", async () => {
    const demo = await DemoPage.open(served.browser, served.isolated);
    const choices = await demo.page.locator("#threads option").allInnerTexts();
    expect(choices.length).toBe(Math.min(8, await demo.page.evaluate(() => navigator.hardwareConcurrency)));
    const most = choices.at(-1)!;
    await demo.page.getByLabel("Threads").selectOption(most);
    await demo.page.waitForFunction((wanted) => document.getElementById("fact-threads")?.textContent === wanted, most);
    await demo.button("Start training").click();
    await demo.waitForAccuracy(90);
    expect(demo.complaints).toEqual([]);
    await demo.page.close();
  });

  it("trains with other optimizers and learning rates, which change without a restart", async () => {
    const demo = await DemoPage.open(served.browser, served.isolated);
    await demo.page.getByLabel("Optimizer").selectOption("nesterov");
    await demo.page.getByLabel("Learning rate").selectOption("0.03");
    await demo.page.locator("#toggle:enabled").waitFor();
    await demo.button("Start training").click();
    await demo.waitForStep(30);
    await demo.page.getByLabel("Learning rate").selectOption("0.01");
    await demo.waitForStatus("The learning rate is 0.01 from the next step on.");
    await demo.waitForAccuracy(90);
    await demo.page.close();
  });
});

describe("the demo's layout", () => {
  it.each(["light", "dark"] as const)("does not scroll sideways at 360 pixels, %s", async (colorScheme) => {
    const demo = await DemoPage.open(served.browser, served.isolated, {
      viewport: { width: 360, height: 740 },
      colorScheme,
    });
    const width = (): Promise<number> => demo.page.evaluate(() => document.documentElement.scrollWidth);
    expect(await width()).toBe(360);
    await demo.button("Start training").click();
    await demo.waitForAccuracy(50);
    expect(await width()).toBe(360);
    await demo.page.getByRole("tab", { name: "wasm vs JS" }).click();
    expect(await width()).toBe(360);
    await demo.page.close();
  });

  it("does not shift while it trains", async () => {
    const demo = await DemoPage.open(served.browser, served.isolated);
    await demo.page.evaluate(() => {
      const state = window as unknown as { shift: number };
      state.shift = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) state.shift += (entry as PerformanceEntry & { value: number }).value;
      }).observe({ type: "layout-shift", buffered: true });
    });
    await demo.button("Start training").click();
    await demo.waitForAccuracy(90);
    expect(await demo.page.evaluate(() => (window as unknown as { shift: number }).shift)).toBeLessThan(0.01);
    await demo.page.close();
  });

  it("moves between its tabs with the arrow keys", async () => {
    const demo = await DemoPage.open(served.browser, served.isolated);
    await demo.page.getByRole("tab", { name: "Train and draw" }).focus();
    await demo.page.keyboard.press("ArrowRight");
    expect(await demo.page.getByRole("tab", { selected: true }).innerText()).toBe("wasm vs JS");
    await demo.page.getByRole("tabpanel", { name: "wasm vs JS" }).waitFor();
    await demo.page.keyboard.press("Home");
    await demo.page.getByRole("tabpanel", { name: "Train and draw" }).waitFor();
    await demo.page.close();
  });
});
