/** A measured row, as in the JSON output. What does not apply is null. */
export interface RowReport {
  readonly name: string;
  readonly shape: string;
  readonly wasmMs: number;
  /** On the threads asked for beside one; null if none were. */
  readonly threadsMs: number | null;
  /** wasmMs over threadsMs. */
  readonly scaling: number | null;
  readonly naiveJsMs: number | null;
  readonly tunedJsMs: number | null;
  readonly gflops: number | null;
  readonly fractionOfPeak: number | null;
  readonly gbps: number | null;
  /** memory.copy that touches as many bytes as the row's engine holds, again and again: the limit of the row's traffic. */
  readonly copyGBps: number | null;
  readonly fractionOfCopy: number | null;
  /** Of whole steps: the time that arithmetic at peak and memory at copy speed would take, over the time taken. */
  readonly fractionOfBound: number | null;
  /** Over straightforward JavaScript. */
  readonly speedup: number | null;
}

const nameWidth = 42;
const shapeWidth = 42;
const barWidth = 12;

export function header(threads: number): string {
  const scaling = threads > 1 ? [`${threads} threads`, "scaling"] : [];
  return [
    "row".padEnd(nameWidth),
    "shape".padEnd(shapeWidth),
    ...["wasm ms", ...scaling, "naive JS", "tuned JS", "speedup", "GFLOP/s", "GB/s"].map((title) => title.padStart(9)),
    " of the hardware's limit",
  ].join(" ");
}

export function formatRow(report: RowReport): string {
  const fraction = report.fractionOfBound ?? report.fractionOfPeak ?? report.fractionOfCopy;
  return [
    report.name.padEnd(nameWidth),
    report.shape.padEnd(shapeWidth),
    number(report.wasmMs, 3),
    ...(report.scaling === null ? [] : [number(report.threadsMs, 3), times(report.scaling, 2)]),
    number(report.naiveJsMs, 3),
    number(report.tunedJsMs, 3),
    times(report.speedup, 1),
    number(report.gflops, 1),
    number(report.gbps, 1),
    fraction === null ? "" : ` ${bar(fraction)} ${fraction.toFixed(2)}${limitOf(report)}`,
  ].join(" ");
}

function limitOf({ fractionOfBound, fractionOfPeak }: RowReport): string {
  return fractionOfBound !== null ? " of bound" : fractionOfPeak !== null ? " of peak" : " of copy";
}

function number(value: number | null, digits: number): string {
  if (value === null) return "".padStart(9);
  return value.toFixed(value >= 100 ? 1 : digits).padStart(9);
}

function times(value: number | null, digits: number): string {
  return (value === null ? "" : `${value.toFixed(digits)}×`).padStart(9);
}

function bar(fraction: number): string {
  const filled = Math.round(Math.min(1, fraction) * barWidth);
  return "█".repeat(filled).padEnd(barWidth, "░");
}
