import { flag, optional, type OptionsRead, type Reader, ShapeError } from "../../engine/index.js";
import { formatShape, formatValue, type Value } from "../../graph/index.js";
import { checkPadded } from "../convolution/options.js";
import { padded } from "../convolution/perAxis.js";
import type { Window } from "./axisMap.js";
import { checkImages, type PerAxes, perAxes } from "./images.js";

/** What poolings over moving windows have in common. */
export interface WindowOptions {
  /** A number for all axes, or one for each. */
  readonly kernelSize: PerAxes;
  /** Default: the kernel size. */
  readonly stride?: PerAxes | undefined;
  /** Whether windows that reach beyond the end count, ⌈·⌉ for ⌊·⌋ in their number. They begin within x. Default false. */
  readonly ceilMode?: boolean;
}

/** What those have that may reach beyond x. */
export interface PaddedWindowOptions extends WindowOptions {
  /** Positions added on both sides, at most half the kernel size. "valid" is 0, and "same" gives ⌈size / stride⌉ outputs. Default 0. */
  readonly padding?: PerAxes | "valid" | "same";
}

/** How the options of windows are read. */
export const windowReaders = (rank: number) => ({
  kernelSize: perAxes(rank, 1),
  stride: optional(perAxes(rank, 1)),
  ceilMode: optional(flag, false),
});

export const paddedWindowReaders = (rank: number) => ({
  ...windowReaders(rank),
  padding: optional(paddingReader(rank), "valid" as const),
});

function paddingReader(rank: number): Reader<readonly number[] | "same" | "valid"> {
  const reader = perAxes(rank, 0);
  return (name, given) => (given === "same" || given === "valid" ? given : reader(name, given));
}

type Given = OptionsRead<ReturnType<typeof windowReaders>> & {
  readonly padding?: readonly number[] | "same" | "valid";
  readonly dilation?: readonly number[] | undefined;
  readonly divisor?: Window["divisor"];
};

/** The windows along the axes of x. Throws ShapeError where they do not fit. */
export function windowsOf(operation: string, x: Value, given: Given): readonly Window[] {
  const { kernelSize, stride: strides = kernelSize, ceilMode, padding = "valid", dilation, divisor = 1 } = given;
  checkImages(operation, x, kernelSize.length);
  return kernelSize.map((kernel, axis) => {
    const length = x.shape[axis + 1]!;
    const step = kernel === 1 ? 1 : (dilation?.[axis] ?? 1);
    const reach = step * (kernel - 1) + 1;
    const wanted = padding === "valid" ? 0 : padding === "same" ? padding : padding[axis]!;
    const { stride, before, after } = padded(length, reach, strides[axis]!, wanted);
    const end = checkPadded(operation, x, length, before + after) - before;
    const whole = ceilMode ? Math.ceil : Math.floor;
    let count = whole((before + end - reach) / stride) + 1;
    if (ceilMode && (count - 1) * stride >= length + before) count--;
    if (2 * before > reach || count < 1) {
      throw new ShapeError(
        `${operation}: wants padding ≤ kernelSize/2 and windows no longer than x with padding on each axis; got kernelSize ` +
          `${formatShape(kernelSize)}, window of ${reach}, padding ${before} for length ${length} of ${formatValue(x)}`,
      );
    }
    const window: Window = {
      ...{ kind: "window", length, count, kernel, stride, dilation: step, before, divisor, end },
    };
    // Only dilated windows can step over all of x.
    for (let i = 0; i * stride < before && step > 1 && i < count; i++) {
      const first = i * stride - before + Math.ceil((before - i * stride) / step) * step;
      if (first >= length || first >= i * stride - before + reach) {
        throw new ShapeError(
          `${operation}: a window of ${formatValue(x)} lies in the padding alone; got kernelSize ${formatShape(kernelSize)}, ` +
            `dilation ${step}, padding ${before}`,
        );
      }
    }
    return window;
  });
}
