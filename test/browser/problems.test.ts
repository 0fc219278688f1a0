import { describe, expect, it } from "vitest";
import { useDemo } from "./demoPage.js";

const served = useDemo();

describe("the demo in a browser that cannot train", () => {
  it.each([
    [
      "no WebAssembly",
      "delete globalThis.WebAssembly;",
      /^This host has no WebAssembly: wasmgrad needs a browser of 2023/,
    ],
    [
      "no SIMD",
      "WebAssembly.validate = () => false;",
      /^This host's WebAssembly has no SIMD: wasmgrad needs a browser/,
    ],
    [
      "no memory",
      'WebAssembly.Memory = class { constructor() { throw new RangeError("could not allocate memory"); } };',
      /^There is not enough memory for this\. Closing other tabs may help\./,
    ],
    [
      "no digits",
      'globalThis.fetch = () => Promise.reject(new TypeError("Failed to fetch"));',
      /digits.* could not be fetched/,
    ],
  ])("says so in a sentence: %s", async (_, cause, sentence) => {
    const page = await served.browser.newPage();
    const failures: string[] = [];
    page.on("pageerror", ({ message }) => failures.push(message));
    // The script of the page, and that of its worker, which trains, begin by taking something away.
    await page.route(/trainer\.worker.*js|index-.*js/, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: `${cause}\n${await response.text()}` });
    });
    await page.goto(served.isolated);
    const alert = page.getByRole("alert").locator("p");
    await alert.waitFor();
    expect(await alert.innerText()).toMatch(sentence);
    expect(await page.locator("#toggle").innerText()).toBe("Try again");
    expect(await page.locator("#toggle").isEnabled()).toBe(true);
    expect(failures).toEqual([]);
    await page.close();
  });
});
