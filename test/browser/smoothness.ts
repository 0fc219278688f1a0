import type { Page } from "playwright-core";

export interface Smoothness {
  /** Of the main thread, in milliseconds; 0 if none took 50, for shorter ones are not reported. */
  readonly longestTask: number;
  readonly framesPerSecond: number;
}

interface Watch {
  longestTask: number;
  frames: number;
  readonly since: number;
}

type WatchedWindow = Window & { smoothness: Watch };

/** Begins to count frames and to note long tasks. */
export async function watchSmoothness(page: Page): Promise<void> {
  await page.evaluate(() => {
    const watch: Watch = { longestTask: 0, frames: 0, since: performance.now() };
    (window as unknown as WatchedWindow).smoothness = watch;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) watch.longestTask = Math.max(watch.longestTask, duration);
    }).observe({ type: "longtask" });
    const onFrame = (): void => {
      watch.frames++;
      requestAnimationFrame(onFrame);
    };
    requestAnimationFrame(onFrame);
  });
}

/** What was seen since. */
export function takeSmoothness(page: Page): Promise<Smoothness> {
  return page.evaluate(() => {
    const { longestTask, frames, since } = (window as unknown as WatchedWindow).smoothness;
    return { longestTask, framesPerSecond: (1000 * frames) / (performance.now() - since) };
  });
}
