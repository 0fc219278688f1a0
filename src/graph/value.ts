import type { Buffer } from "./buffer.js";
import type { Graph } from "./graph.js";
import { formatShape, type Shape, sizeOf } from "./shape.js";

/** Elements are float32, int32 (class labels) or bytes (which element of a window won). */
export type DataType = keyof typeof elementBytes;

const elementBytes = { f32: 4, i32: 4, u8: 1 } as const;

/** A value as messages tell of it: "the output of layer 0 (linear), [1, 5]". */
export function formatValue({ label, shape }: Value): string {
  return `${label}, ${formatShape(shape)}`;
}

/** Where a value that no node computes comes from. */
export interface Origin {
  /** Fixed memory of a parameter or other state. */
  readonly storage?: Buffer;
  /** Where the gradient of a trainable parameter is to end up. */
  readonly gradientStorage?: Buffer;
  /** Contents that are the same in every run: the elements, or one number that all of them are. */
  readonly constant?: Float32Array | Int32Array | number;
  /** Whether a program that differentiates computes its gradient. Default: if it has `gradientStorage`. */
  readonly requiresGradient?: boolean;
}

/** A tensor of known shape in a graph. Nothing is computed when it is made; the program compiled from the graph does. */
export class Value {
  readonly storage: Buffer | undefined;
  readonly gradientStorage: Buffer | undefined;
  readonly constant: Float32Array | Int32Array | number | undefined;
  readonly requiresGradient: boolean;

  constructor(
    readonly graph: Graph,
    readonly shape: Shape,
    readonly dataType: DataType,
    readonly label: string,
    { storage, gradientStorage, constant, requiresGradient = gradientStorage !== undefined }: Origin = {},
  ) {
    this.storage = storage;
    this.gradientStorage = gradientStorage;
    this.constant = constant;
    this.requiresGradient = requiresGradient;
  }

  get size(): number {
    return sizeOf(this.shape);
  }
  get bytes(): number {
    return this.size * elementBytes[this.dataType];
  }
}
