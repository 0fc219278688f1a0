import type { Conv2dShape, Kernels } from "./kernels.js";

type Group = (parts: readonly Float32Array[], shape: Conv2dShape) => void;

/** Copies the channels of one of `groups` out of rows of all channels, or back. */
function moveGroup(
  all: Float32Array,
  part: Float32Array,
  group: number,
  groups: number,
  columns: number,
  out: boolean,
): void {
  const length = columns / groups;
  for (let from = group * length, to = 0; to < part.length; from += columns, to += length) {
    if (out) for (let i = 0; i < length; i++) part[to + i] = all[from + i]!;
    else for (let i = 0; i < length; i++) all[from + i] = part[to + i]!;
  }
}

/**
 * A convolution in groups as one of each group's channels, which are moved together before and apart after. `given` and `results`
 * are arrays with their number of columns: channels, or those of all groups.
 */
function byGroups(
  shape: Conv2dShape,
  groups: number,
  given: readonly (readonly [Float32Array, number])[],
  results: readonly (readonly [Float32Array, number])[],
  run: Group,
): void {
  const ofGroup = { ...shape, inChannels: shape.inChannels / groups, outChannels: shape.outChannels / groups };
  const parts = [...given, ...results].map(([array]) => new Float32Array(array.length / groups));
  for (let group = 0; group < groups; group++) {
    given.forEach(([array, columns], i) => moveGroup(array, parts[i]!, group, groups, columns, true));
    run(parts, ofGroup);
    results.forEach(([array, columns], i) => moveGroup(array, parts[given.length + i]!, group, groups, columns, false));
  }
}

/** Convolutions in groups, of whatever convolution there is: w[kernelSize, kernelSize, inChannels / groups, outChannels]. */
export function groupedConv2d(kernels: Kernels, groups: number) {
  type Arrays = readonly Float32Array[];
  return {
    forward([x, w, bias]: Arrays, [y]: Arrays, shape: Conv2dShape): void {
      const { inChannels, outChannels } = shape;
      const given = [[x!, inChannels], [w!, outChannels], [bias!, outChannels]] as const; // prettier-ignore
      byGroups(shape, groups, given, [[y!, outChannels]], ([x, w, bias, y], of) =>
        kernels.conv2d(x!, w!, bias!, y!, of),
      );
    },
    inputGradient([dy, w]: Arrays, [dx]: Arrays, shape: Conv2dShape): void {
      const { inChannels, outChannels } = shape;
      const given = [[dy!, outChannels], [w!, outChannels]] as const; // prettier-ignore
      byGroups(shape, groups, given, [[dx!, inChannels]], ([dy, w, dx], of) =>
        kernels.conv2dInputGradient(dy!, w!, dx!, of),
      );
    },
    weightGradient([x, dy]: Arrays, [dw, dbias]: Arrays, shape: Conv2dShape): void {
      const { inChannels, outChannels } = shape;
      const given = [[x!, inChannels], [dy!, outChannels]] as const; // prettier-ignore
      const results = [[dw!, outChannels], [dbias!, outChannels]] as const; // prettier-ignore
      byGroups(shape, groups, given, results, ([x, dy, dw, dbias], of) =>
        kernels.conv2dWeightGradient(x!, dy!, dw!, dbias!, of),
      );
    },
  };
}
