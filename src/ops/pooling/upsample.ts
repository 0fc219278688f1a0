import {
  ArgumentError,
  flag,
  numberFrom,
  optional,
  type OptionsRead,
  type Reader,
  show,
  spelledOut,
} from "../../engine/index.js";
import { define, type Value } from "../../graph/index.js";
import type { AxisMap, Places } from "./axisMap.js";
import { checkImages, eachAxis, type PerAxes, perAxes } from "./images.js";
import { mappedShape, resampled } from "./resample.js";

/** "linear" is for any number of axes; "bilinear" is the same for two, "trilinear" for three. */
const modes = ["nearest", "nearest-exact", "linear", "bilinear", "trilinear"] as const;
export type UpsampleMode = (typeof modes)[number];

export interface UpsampleOptions {
  /** By what lengths are multiplied, ⌊length · scale⌋: one number, or one for each axis between batch and channels. */
  readonly scale?: PerAxes | undefined;
  /** The lengths of the result, in the place of `scale`. */
  readonly size?: PerAxes | undefined;
  /**
   * Default "nearest": element ⌊i · length / size⌋. "nearest-exact" is that whose middle is nearest, and the others interpolate between
   * neighbours along each axis.
   */
  readonly mode?: UpsampleMode;
  /** For linear modes: whether the first and last elements stay at the ends. Otherwise edges of pixels do. Default false. */
  readonly alignCorners?: boolean | undefined;
}

const modeReader: Reader<UpsampleMode> = (name, given) => {
  if ((modes as readonly unknown[]).includes(given)) return given as UpsampleMode;
  throw new ArgumentError(`${name} must be one of ${modes.map(show).join(", ")}; got ${show(given)}`);
};

const scales = (rank: number) => eachAxis(rank, numberFrom(2 ** -31, 2 ** 31));
const sizes = (rank: number) => perAxes(rank, 1);

/** What is given for each axis, or for all: how many there are is known with x. */
function anyAxes(reader: (rank: number) => Reader<readonly number[]>): Reader<PerAxes> {
  return (name, given) => {
    const isList = Array.isArray(given);
    const read = reader(isList ? given.length : 1)(name, given);
    return isList ? read : read[0]!;
  };
}

/** How the options of upsampling are read. */
export const upsampleReaders = () => ({
  scale: optional(anyAxes(scales)),
  size: optional(anyAxes(sizes)),
  mode: optional(modeReader, "nearest"),
  alignCorners: optional(flag),
});

function fit(x: Value, { scale, size, mode, alignCorners }: OptionsRead<ReturnType<typeof upsampleReaders>>) {
  const rank = x.shape.length - 2;
  checkImages("upsample", x, Math.min(Math.max(rank, 1), 3));
  if ((scale === undefined) === (size === undefined)) {
    throw new ArgumentError("upsample: wants scale or size, one of them, such as { scale: 2 } or { size: [28, 28] }");
  }
  const isLinear = mode.endsWith("linear");
  if (alignCorners !== undefined && !isLinear) {
    throw new ArgumentError(`upsample: alignCorners is for linear modes, got it with mode ${show(mode)}`);
  }
  if ((mode === "bilinear" && rank !== 2) || (mode === "trilinear" && rank !== 3)) {
    throw new ArgumentError(`upsample: mode ${show(mode)} is not for ${rank} axes; write "linear"`);
  }
  const factors = scale === undefined ? undefined : scales(rank)("upsample: scale", scale);
  const wanted = size === undefined ? undefined : sizes(rank)("upsample: size", size);
  const maps = x.shape.slice(1, -1).map((length, axis): Places => {
    const count = wanted?.[axis] ?? Math.floor(length * factors![axis]!);
    const kind = isLinear ? "linear" : "nearest";
    const lengths = { kind, length, count } as const;
    if (alignCorners) return { ...lengths, step: Math.fround(count > 1 ? (length - 1) / (count - 1) : 0), offset: 0 };
    const step = Math.fround(isLinear && length === count ? 1 : factors ? 1 / factors[axis]! : length / count);
    return { ...lengths, step, offset: mode === "nearest" ? 0 : 0.5 };
  });
  return { maps };
}

export const upsampleOperation = /* @__PURE__ */ define({
  name: "upsample",
  inputs: ["x"],
  attributes: { maps: [] as readonly AxisMap[] },
  options: upsampleReaders,
  fit: ({ x }, options) => fit(x, options),
  shape: ({ x }, { maps }) => ({ y: mappedShape(x.shape, maps) }),
  compose: ({ x }, { maps }) => ({ y: resampled(x, maps) }),
});

/**
 * [B, L, C], [B, H, W, C] or [B, D, H, W, C] with more positions along the axes between, or fewer, as PyTorch's interpolate: by
 * `scale` or to `size`. Places are computed in float32 as there. A number in the place of the options is the scale.
 * @throws ShapeError for another number of axes, ArgumentError unless one of scale and size is given
 */
export function upsample(x: Value, options: UpsampleOptions | PerAxes): Value {
  return upsampleOperation.call({ x }, spelledOut<UpsampleOptions>(options, "scale")).y;
}
