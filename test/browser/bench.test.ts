import { describe, expect, it, onTestFinished } from "vitest";
import { DemoPage, useDemo } from "./demoPage.js";
import { takeSmoothness, watchSmoothness } from "./smoothness.js";

const served = useDemo();

describe("the benchmark in the page", () => {
  // As for the demo: other processes may take the cores.
  it("measures every row, results agree, WebAssembly is ahead, the page stays responsive", { retry: 2 }, async () => {
    const demo = await DemoPage.open(served.browser, served.isolated);
    onTestFinished(() => demo.page.close());
    await demo.page.getByRole("tab", { name: "wasm vs JS" }).click();
    await watchSmoothness(served.browser, demo.page);
    await demo.button("Run the benchmark").click();
    await demo.button("Run it again").waitFor({ timeout: 120_000 });
    const { longestTask } = await takeSmoothness(served.browser, demo.page);
    expect(await demo.page.locator("#bench-status").innerText()).toMatch(/^All results agree/);
    const rows = await demo.page.locator("#bench-rows tr").all();
    expect(rows).toHaveLength(8);
    for (const row of rows) {
      const ratios = await row.locator(".ratio").allInnerTexts();
      expect(ratios).toHaveLength(2);
      for (const ratio of ratios) expect(parseFloat(ratio), await row.innerText()).toBeGreaterThan(1);
    }
    expect(longestTask).toBeLessThan(50);
    expect(demo.complaints).toEqual([]);
  });
});
