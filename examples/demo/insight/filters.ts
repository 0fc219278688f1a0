import { create, onThemeChange, themeColor } from "../page/dom.js";
import type { Filters } from "../training/digits.js";
import { paint, parseColor } from "./images.js";

/** The filters of the first layer as small images: one colour for positive weights, one for negative ones. */
export class FilterImages {
  private canvases: readonly HTMLCanvasElement[] = [];
  private latest: Filters | undefined;

  constructor(private readonly container: HTMLElement) {
    onThemeChange(() => this.draw());
  }

  show(filters: Filters): void {
    const { count, size } = filters;
    this.latest = filters;
    if (this.canvases.length !== count) {
      this.canvases = Array.from({ length: count }, () =>
        create("canvas", { width: String(size), height: String(size), "aria-hidden": "true" }),
      );
      this.container.replaceChildren(...this.canvases);
    }
    this.draw();
  }

  private draw(): void {
    if (!this.latest) return;
    const { count, weights } = this.latest;
    const positive = parseColor(themeColor("accent"));
    const negative = parseColor(themeColor("warm"));
    this.canvases.forEach((canvas, filter) => {
      const values = weights.filter((_, i) => i % count === filter);
      const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
      paint(canvas, (i) => [values[i]! > 0 ? positive : negative, Math.abs(values[i]!) / largest]);
    });
  }
}
