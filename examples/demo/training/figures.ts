import type { EpochReport, RemoteProgress } from "wasmgrad";
import type { Announcer } from "../page/announcer.js";
import { count, create, element, percent, setText } from "../page/dom.js";
import { Chart } from "./chart.js";
import type { Session } from "./session.js";

/** Weight of the past in the smoothed loss. */
const inertia = 0.9;

/** The numbers above the chart, the chart, and the table of epochs. */
export class Figures {
  private readonly steps = element("steps", HTMLElement);
  private readonly loss = element("loss", HTMLElement);
  private readonly heldOut = element("held-out", HTMLElement);
  private readonly speed = element("speed", HTMLElement);
  private readonly epochs = element("epochs", HTMLTableSectionElement);
  private readonly chart = new Chart(element("chart", HTMLDivElement));
  private smoothedLoss: number | undefined;
  private lastStep = 0;

  constructor(
    session: Session,
    private readonly announcer: Announcer,
  ) {
    session.listen({
      onPrepared: () => this.clear(),
      onProgress: (progress) => this.add(progress),
      onEpoch: (report, { accuracy }) => this.addEpoch(report, accuracy),
    });
  }

  private clear(): void {
    this.smoothedLoss = undefined;
    this.lastStep = 0;
    setText(this.steps, "0");
    for (const figure of [this.loss, this.heldOut, this.speed]) setText(figure, "–");
    this.epochs.replaceChildren();
    this.chart.clear();
  }

  private add({ step, losses, report }: RemoteProgress): void {
    losses.forEach((loss, i) => {
      // At first the mean of what there is, so that the curve does not hang on its first value.
      const weight = Math.max(1 - inertia, 1 / (step - losses.length + i + 1));
      this.smoothedLoss =
        this.smoothedLoss === undefined ? loss : this.smoothedLoss + weight * (loss - this.smoothedLoss);
      this.chart.addLoss(step - losses.length + i + 1, loss, this.smoothedLoss);
    });
    this.lastStep = step;
    this.chart.draw();
    setText(this.steps, count(step));
    setText(this.loss, (this.smoothedLoss ?? NaN).toFixed(3));
    setText(this.speed, count(report.samplesPerSecond));
  }

  private addEpoch({ epoch, loss, accuracy, samplesPerSecond }: EpochReport, heldOut: number): void {
    setText(this.heldOut, percent(heldOut));
    const training = accuracy === undefined ? "–" : percent(accuracy);
    const cells = [loss.toFixed(3), training, percent(heldOut), count(samplesPerSecond)];
    this.epochs.append(
      create("tr", {}, create("th", { scope: "row" }, String(epoch)), ...cells.map((text) => create("td", {}, text))),
    );
    this.chart.addAccuracy(this.lastStep, heldOut);
    this.chart.draw();
    const summary = `Epoch ${epoch}: loss ${loss.toFixed(3)}, ${percent(heldOut)} of the held-out digits read.`;
    this.chart.describe(`Loss and accuracy over the steps. ${summary} The table below has all epochs.`);
    this.announcer.mention(summary);
  }
}
