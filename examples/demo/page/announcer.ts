import { element } from "./dom.js";

const calmMilliseconds = 5000;

/** Speaks to screen readers, at a rate that leaves time to listen: of what comes sooner, the latest is said. */
export class Announcer {
  private readonly region = element("announcer", HTMLParagraphElement);
  private last = -Infinity;
  private timer: number | undefined;

  /** At once: for answers to what the person did. */
  say(text: string): void {
    clearTimeout(this.timer);
    this.last = performance.now();
    this.region.textContent = text;
  }

  /** When there was silence for a while. */
  mention(text: string): void {
    clearTimeout(this.timer);
    const wait = Math.max(0, this.last + calmMilliseconds - performance.now());
    this.timer = window.setTimeout(() => this.say(text), wait);
  }
}
