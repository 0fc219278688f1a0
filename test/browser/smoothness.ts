import type { Browser, Page } from "playwright-core";

export interface Smoothness {
  /**
   * Of the page's main thread, in milliseconds of the processor's time: what the page itself does, not how long another
   * process had its core meanwhile.
   */
  readonly longestTask: number;
  readonly framesPerSecond: number;
}

interface Watch {
  frames: number;
  readonly since: number;
}

type WatchedWindow = Window & { smoothness: Watch };

/** An event of Chromium's trace: https://chromium.googlesource.com/catapult "Trace Event Format". Times in microseconds. */
interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly dur?: number;
  /** Time of the processor that a complete event took on its thread; absent of some that took next to none. */
  readonly tdur?: number;
}

const mark = "smoothness";

/** Begins to count frames and to record tasks. */
export async function watchSmoothness(browser: Browser, page: Page): Promise<void> {
  await browser.startTracing(page, { categories: ["toplevel", "blink.user_timing"] });
  await page.evaluate((name) => {
    performance.mark(name);
    const watch: Watch = { frames: 0, since: performance.now() };
    (window as unknown as WatchedWindow).smoothness = watch;
    const onFrame = (): void => {
      watch.frames++;
      requestAnimationFrame(onFrame);
    };
    requestAnimationFrame(onFrame);
  }, mark);
}

/** What was seen since. */
export async function takeSmoothness(browser: Browser, page: Page): Promise<Smoothness> {
  const framesPerSecond = await page.evaluate(() => {
    const { frames, since } = (window as unknown as WatchedWindow).smoothness;
    return (1000 * frames) / (performance.now() - since);
  });
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  const main = traceEvents.find(({ name }) => name === mark);
  if (!main) throw new Error("the trace lacks the mark of the page's main thread");
  // The task that the recording ended in has no duration.
  const tasks = traceEvents.filter(
    ({ name, pid, tid, dur }) => name.endsWith("RunTask") && pid === main.pid && tid === main.tid && dur !== undefined,
  );
  const times = tasks.map(({ dur = NaN, tdur = dur }) => tdur / 1000);
  if (times.length === 0) throw new Error("the trace has no tasks of the page's main thread");
  return { longestTask: times.reduce((longest, time) => Math.max(longest, time), 0), framesPerSecond };
}
