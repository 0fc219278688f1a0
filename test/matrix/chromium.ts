import { existsSync } from "node:fs";
import type { Browser } from "playwright-core";
import { chromiumPath, launchChromium } from "../host/browser.js";
import type { Outcome } from "./program.js";
import { NotRunError } from "./row.js";

/** Chromium, started when the first page is asked for. */
export class Chromium {
  private browser: Browser | undefined;

  /** What a page leaves in `globalThis.outcome`. Whatever the page logs is an error: the library prints nothing. */
  async load(url: string): Promise<Outcome> {
    const browser = await this.start();
    const page = await browser.newPage();
    const messages: string[] = [];
    page.on("pageerror", ({ message }) => messages.push(message));
    page.on("console", (message) => {
      // Vite's development client reports that it is connected; browsers ask for an icon.
      if (message.type() === "debug" || message.location().url.endsWith("/favicon.ico")) return;
      messages.push(message.text());
    });
    try {
      await page.goto(url);
      await page.waitForFunction("globalThis.outcome !== undefined", undefined, { timeout: 20_000 });
      const outcome = await page.evaluate<Outcome>("globalThis.outcome");
      if (messages.length > 0) throw new Error(`the page logged ${messages.join("; ")}`);
      return outcome;
    } catch (error) {
      throw new Error(`${url} failed; it logged: ${messages.join("; ")}`, { cause: error });
    } finally {
      await page.close();
    }
  }

  async version(): Promise<string> {
    return (await this.start()).version();
  }

  async close(): Promise<void> {
    await this.browser?.close();
  }

  private async start(): Promise<Browser> {
    if (!existsSync(chromiumPath)) throw new NotRunError(`there is no Chromium at ${chromiumPath}`);
    this.browser ??= await launchChromium();
    return this.browser;
  }
}
