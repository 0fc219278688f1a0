import { optional } from "../engine/index.js";
import { maxPool2d as maxPool2dOp } from "../ops/pooling/maxPool2d.js";
import { type Padding, paddingOption, type PerAxis, perAxis } from "../ops/convolution/perAxis.js";
import { layerFactory, type LayerFactory } from "./factory.js";
import { lambda } from "./lambda.js";

export interface MaxPool2dOptions {
  readonly kernelSize: PerAxis;
  /** Default: kernelSize. */
  readonly stride?: PerAxis | undefined;
  /** At most half of kernelSize; what lies outside counts as −∞. "same" and "valid" as for convolutions. Default 0. */
  readonly padding?: Padding;
}

/** Maximum over windows of [batch, height, width, channels]. A number, or a pair, in the place of the options is kernelSize. */
export const maxPool2d: LayerFactory<MaxPool2dOptions, PerAxis> = /* @__PURE__ */ layerFactory(
  "maxPool2d",
  () => ({ kernelSize: perAxis(1), stride: optional(perAxis(1)), padding: optional(paddingOption, 0) }),
  ({ kernelSize, stride = kernelSize, padding }) =>
    lambda((x) => maxPool2dOp(x, { kernelSize, stride, padding }), "maxPool2d"),
  "kernelSize",
);
