import uPlot from "uplot";
import { onThemeChange, themeColor } from "../page/dom.js";

/** Losses above this are drawn at the edge: those of the first steps would press the rest flat. */
const lossCeiling = 2.5;
const percentTicks = (values: readonly number[]): string[] => values.map((value) => `${Math.round(value * 100)} %`);

/** The loss of each step, smoothed too, and the accuracy at the end of each epoch. */
export class Chart {
  private readonly steps: number[] = [];
  private readonly losses: number[] = [];
  private readonly smoothed: number[] = [];
  private readonly accuracies: (number | null)[] = [];
  private plot: uPlot | undefined;

  constructor(private readonly container: HTMLElement) {
    new ResizeObserver(() => this.resize()).observe(container);
    // The canvas knows no custom properties: its colours are read once.
    onThemeChange(() => this.create());
  }

  addLoss(step: number, loss: number, smoothed: number): void {
    this.steps.push(step);
    this.losses.push(loss);
    this.smoothed.push(smoothed);
    this.accuracies.push(null);
  }

  /** Of a step that was added before. */
  addAccuracy(step: number, accuracy: number): void {
    const index = this.steps.lastIndexOf(step);
    if (index >= 0) this.accuracies[index] = accuracy;
  }

  clear(): void {
    for (const series of [this.steps, this.losses, this.smoothed, this.accuracies]) series.length = 0;
    this.draw();
  }

  draw(): void {
    this.plot?.setData(this.data());
  }

  /** What those hear who do not see it. */
  describe(text: string): void {
    this.container.setAttribute("aria-label", text);
  }

  private data(): uPlot.AlignedData {
    return [this.steps, this.losses, this.smoothed, this.accuracies];
  }

  private resize(): void {
    const { clientWidth: width, clientHeight: height } = this.container;
    if (width === 0) return;
    if (this.plot) this.plot.setSize({ width, height });
    else this.create();
  }

  private create(): void {
    const { clientWidth: width, clientHeight: height } = this.container;
    this.plot?.destroy();
    this.plot = undefined;
    if (width === 0) return;
    const [ink, line, loss, accuracy] = ["muted", "line", "accent", "good"].map(themeColor) as [
      string,
      string,
      string,
      string,
    ];
    const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { show: false }, font: "12px system-ui" };
    const options: uPlot.Options = {
      ...{ width, height, legend: { show: false }, cursor: { show: false }, padding: [12, 0, 0, 0] },
      scales: {
        x: { time: false, range: (_, __, most) => [0, Math.max(100, most)] },
        loss: { range: (_, __, most) => [0, Math.min(lossCeiling, Math.max(0.5, most))] },
        accuracy: { range: [0, 1] },
      },
      axes: [
        { ...axis, grid: { show: false }, size: 28 },
        { ...axis, scale: "loss", size: 40 },
        {
          ...axis,
          scale: "accuracy",
          // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- uPlot's enum exists in its types only
          side: 1,
          grid: { show: false },
          values: (_, ticks) => percentTicks(ticks),
          size: 52,
        },
      ],
      series: [
        {},
        { scale: "loss", stroke: `color-mix(in srgb, ${loss} 30%, transparent)`, width: 1, points: { show: false } },
        { scale: "loss", stroke: loss, width: 2, points: { show: false } },
        {
          scale: "accuracy",
          stroke: accuracy,
          width: 2,
          spanGaps: true,
          points: { show: true, size: 7, fill: accuracy },
        },
      ],
    };
    this.plot = new uPlot(options, this.data(), this.container);
  }
}
