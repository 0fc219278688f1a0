import type { WriteStream } from "node:tty";
import { Presets, SingleBar } from "cli-progress";
import type { EpochReport, StepReport } from "wasmgrad";

/** Shows how training goes. */
export interface Reporter {
  step(report: StepReport): void;
  epoch(report: EpochReport): void;
  /** Leaves the terminal as it was. */
  stop(): void;
}

/** A progress bar where the output is a terminal, else a few plain lines per epoch. */
export function createReporter(output: NodeJS.WriteStream | WriteStream, epochs: number): Reporter {
  return output.isTTY ? new BarReporter(output, epochs) : new LineReporter(output, epochs);
}

export function percent(fraction: number | undefined): string {
  return fraction === undefined ? "–" : `${(100 * fraction).toFixed(2)} %`;
}

export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

const counts = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

function summary({ loss, accuracy, samplesPerSecond }: StepReport | EpochReport): string {
  return `loss ${loss.toFixed(4)}  accuracy ${percent(accuracy)}  ${counts.format(samplesPerSecond)} samples/s`;
}

function epochLine(report: EpochReport, epochs: number): string {
  const { validation } = report;
  const tested = validation
    ? `  test loss ${validation.loss.toFixed(4)}, accuracy ${percent(validation.accuracy)}`
    : "";
  return `epoch ${report.epoch}/${epochs} done in ${clock(report.seconds)}  ${summary(report)}${tested}\n`;
}

/** Time left of all epochs, from the time that the steps so far took. */
class Estimate {
  private readonly start = performance.now();

  constructor(private readonly epochs: number) {}

  timeLeft({ epoch, step, steps }: StepReport): string {
    const done = (epoch - 1) * steps + step;
    const perStep = (performance.now() - this.start) / 1000 / done;
    return `${clock(perStep * (this.epochs * steps - done))} left`;
  }
}

/** Milliseconds between two updates of the bar: steps are far shorter, and what is shown for less cannot be read. */
const updateInterval = 100;

class BarReporter implements Reporter {
  private bar: SingleBar | undefined;
  private lastUpdate = -Infinity;
  private readonly estimate: Estimate;

  constructor(
    private readonly output: NodeJS.WriteStream | WriteStream,
    private readonly epochs: number,
  ) {
    this.estimate = new Estimate(epochs);
  }

  step(report: StepReport): void {
    const now = performance.now();
    if (this.bar && now - this.lastUpdate < updateInterval) return;
    this.lastUpdate = now;
    const payload = { summary: summary(report), timeLeft: this.estimate.timeLeft(report) };
    if (this.bar) return this.bar.update(report.step, payload);
    const format = `epoch ${report.epoch}/${this.epochs} {bar} {summary}  {timeLeft}`;
    this.bar = new SingleBar(
      {
        format,
        stream: this.output,
        barsize: Math.max(5, Math.min(30, this.output.columns - 75)),
        hideCursor: true,
        clearOnComplete: true,
      },
      Presets.shades_classic,
    );
    this.bar.start(report.steps, report.step, payload);
  }

  epoch(report: EpochReport): void {
    this.stop();
    this.output.write(epochLine(report, this.epochs));
  }

  stop(): void {
    this.bar?.stop();
    this.bar = undefined;
  }
}

const linesPerEpoch = 4;

class LineReporter implements Reporter {
  private readonly estimate: Estimate;

  constructor(
    private readonly output: NodeJS.WriteStream | WriteStream,
    private readonly epochs: number,
  ) {
    this.estimate = new Estimate(epochs);
  }

  step(report: StepReport): void {
    const { epoch, step, steps } = report;
    const part = (at: number): number => Math.floor((linesPerEpoch * at) / steps);
    if (part(step) === part(step - 1) || step === steps) return;
    const progress = `epoch ${epoch}/${this.epochs}  step ${step}/${steps}`;
    this.output.write(`${progress}  ${summary(report)}  ${this.estimate.timeLeft(report)}\n`);
  }

  epoch(report: EpochReport): void {
    this.output.write(epochLine(report, this.epochs));
  }

  stop(): void {
    // Lines leave nothing behind.
  }
}
