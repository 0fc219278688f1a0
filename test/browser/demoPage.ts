import { fileURLToPath } from "node:url";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { build, preview, type PreviewServer } from "vite";
import { afterAll, beforeAll } from "vitest";
import { launchChromium } from "../host/browser.js";

const configFile = fileURLToPath(new URL("../../examples/demo/vite.config.ts", import.meta.url));

export async function buildDemo(): Promise<void> {
  await build({ configFile, logLevel: "error" });
}

/** Serves the built page on any free port of the loopback interface. */
async function serveDemo(isIsolated: boolean): Promise<{ server: PreviewServer; url: string }> {
  const unisolated = { "Cross-Origin-Opener-Policy": "unsafe-none", "Cross-Origin-Embedder-Policy": "unsafe-none" };
  const server = await preview({
    configFile,
    logLevel: "error",
    preview: { port: 0, strictPort: false, open: false, ...(!isIsolated && { headers: unisolated }) },
  });
  const url = server.resolvedUrls?.local[0];
  if (url === undefined) throw new Error("the preview server has no local address");
  return { server, url };
}

export interface ServedDemo {
  readonly browser: Browser;
  /** Address of the page with the headers that isolate it. */
  readonly isolated: string;
  /** Address of the page without them. */
  readonly plain: string;
}

/** Builds and serves the page, and starts a browser, for as long as the tests of a file run: it is filled before them. */
export function useDemo(): ServedDemo {
  const demo = {} as { -readonly [Name in keyof ServedDemo]: ServedDemo[Name] };
  const servers: PreviewServer[] = [];
  beforeAll(async () => {
    await buildDemo();
    const [browser, isolated, plain] = await Promise.all([launchChromium(), serveDemo(true), serveDemo(false)]);
    Object.assign(demo, { browser, isolated: isolated.url, plain: plain.url });
    servers.push(isolated.server, plain.server);
  });
  afterAll(async () => {
    await demo.browser.close();
    await Promise.all(servers.map((server) => server.close()));
  });
  return demo;
}

/** The demo in a tab, with what a visitor does there. */
export class DemoPage {
  /** What the page complained of. */
  readonly complaints: string[] = [];

  private constructor(readonly page: Page) {
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") this.complaints.push(message.text());
    });
    page.on("pageerror", (error) => this.complaints.push(error.message));
  }

  /** Opens the page and waits until an untrained network stands. */
  static async open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<DemoPage> {
    const demo = new DemoPage(await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options }));
    await demo.page.goto(url);
    await demo.page.locator("#toggle:enabled").waitFor();
    return demo;
  }

  button(name: string): Locator {
    return this.page.getByRole("button", { name, exact: true });
  }

  async steps(): Promise<number> {
    return Number((await this.page.locator("#steps").innerText()).replaceAll(",", ""));
  }

  async heldOutPercent(): Promise<number> {
    return parseFloat(await this.page.locator("#held-out").innerText());
  }

  /** Waits until at least so many steps are done. */
  async waitForStep(step: number): Promise<void> {
    await this.page.waitForFunction(
      (wanted) => Number(document.getElementById("steps")?.textContent.replaceAll(",", "")) >= wanted,
      step,
    );
  }

  async waitForAccuracy(percent: number): Promise<void> {
    await this.page.waitForFunction(
      (wanted) => parseFloat(document.getElementById("held-out")?.textContent ?? "") >= wanted,
      percent,
      { timeout: 60_000 },
    );
  }

  async waitForStatus(text: string): Promise<void> {
    await this.page.getByText(text).first().waitFor();
  }

  /** Draws lines with the mouse; points from 0 to 1 of the drawing area. */
  async draw(...lines: readonly (readonly (readonly [x: number, y: number])[])[]): Promise<void> {
    const { page } = this;
    const pad = page.locator("#pad");
    await pad.scrollIntoViewIfNeeded();
    const box = await pad.boundingBox();
    if (!box) throw new Error("the drawing area is not shown");
    for (const line of lines) {
      const [first, ...rest] = line.map(([x, y]) => [box.x + x * box.width, box.y + y * box.height] as const);
      await page.mouse.move(...first!);
      await page.mouse.down();
      for (const point of rest) await page.mouse.move(...point, { steps: 4 });
      await page.mouse.up();
    }
  }

  /** Waits until the network reads a digit. */
  async waitForVerdict(digit: number): Promise<void> {
    await this.page.waitForFunction(
      (wanted) => document.getElementById("verdict")?.textContent === wanted,
      String(digit),
      { timeout: 10_000 },
    );
  }

  /** The ten probabilities as they are shown. */
  probabilities(): Promise<string[]> {
    return this.page.locator("#probabilities .share").allInnerTexts();
  }

  /** A fingerprint of what the chart shows. */
  chartPixels(): Promise<string> {
    return this.page.locator("#chart canvas").evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
  }
}

/** Points of an ellipse around the middle. */
export function ellipse(radiusX: number, radiusY: number): [x: number, y: number][] {
  return Array.from({ length: 25 }, (_, i) => {
    const angle = (i / 24) * 2 * Math.PI;
    return [0.5 + radiusX * Math.sin(angle), 0.5 - radiusY * Math.cos(angle)];
  });
}
