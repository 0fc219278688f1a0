import { describe, expect, it } from "vitest";
import {
  createEngine,
  Graph,
  MemoryError,
  nn,
  ops,
  Program,
  type Shape,
  ShapeError,
  type WasmgradError,
} from "../../src/index.js";

const conv2d = { outChannels: 2, kernelSize: 3 };

describe("what cannot fit in memory is refused before it is computed, with its bytes", async () => {
  const engine = await createEngine({ threads: 1 });
  const build = (layer: nn.Layer, inputShape: Shape = [28, 28, 1]): void => {
    const model = nn.sequential(layer).build(engine, { inputShape });
    model.predict(new Float32Array(inputShape.reduce((a, b) => a * b, 1)));
  };
  const initialize = (initializer: nn.Initializer, shape: Shape) => (): unknown => initializer(shape, engine.random);
  const { zeros, ones, normal, kaimingUniform, xavierNormal } = nn.initializers;

  it.each<[string, () => void, typeof WasmgradError, RegExp]>([
    ["padding 15,000", () => build(nn.conv2d({ ...conv2d, outChannels: 1, padding: 15_000 })), MemoryError, /\d{10,} bytes/], // prettier-ignore
    ["padding 20,000", () => build(nn.conv2d({ ...conv2d, padding: 20_000 })), MemoryError, /\d{10,} bytes/],
    ["padding 50,000", () => build(nn.conv2d({ ...conv2d, padding: 50_000 })), MemoryError, /\d{11,} bytes/],
    ["padding 2^30", () => build(nn.conv2d({ ...conv2d, padding: 2 ** 30 })), ShapeError, /2147483676 long/],
    ["padding 20,000, depthwise", () => build(nn.depthwiseConv2d({ kernelSize: 3, padding: 20_000 })), MemoryError, /\d{10,} bytes/], // prettier-ignore
    ["a kernel of 2^30", () => build(nn.conv2d({ ...conv2d, kernelSize: 2 ** 30 })), MemoryError, /\d{16,} bytes/],
    ["a kernel of 2^30, depthwise", () => build(nn.depthwiseConv2d({ kernelSize: 2 ** 30 })), MemoryError, /bytes/],
    ["2^31 − 1 features", () => build(nn.linear({ outFeatures: 2 ** 31 - 1 }), [1]), MemoryError, /8589934588 bytes/],
    [
      "2^29 features",
      () => build(nn.linear({ outFeatures: 2 ** 29, bias: false }), [2]),
      MemoryError,
      /4294967296 bytes/,
    ],
    ["2^28 features, twice with gradients", () => build(nn.linear({ outFeatures: 2 ** 28, bias: false }), [2]), MemoryError, /4294967296 bytes/], // prettier-ignore
    ["2^31 − 1 channels", () => build(nn.conv2d({ ...conv2d, outChannels: 2 ** 31 - 1 })), MemoryError, /bytes/],
    ["a batch of 2^31", () => new Graph().input([2 ** 31, 1], "x"), ShapeError, /integers from 0 to 2147483647/],
    ["a batch of 2^30", () => new Graph().input([2 ** 30, 1], "x"), MemoryError, /4294967296 bytes/],
    ["a sample too large", () => nn.sequential(nn.relu()).build(engine, { inputShape: [65536, 65536] }), MemoryError, /34359738368 bytes/], // prettier-ignore
    ["zeros", initialize(zeros, [65536, 65536]), MemoryError, /17179869184 bytes/],
    ["ones", initialize(ones, [2 ** 31]), ShapeError, /2147483648/],
    ["normal numbers", initialize(normal(1), [2 ** 30]), MemoryError, /4294967296 bytes/],
    ["a kaiming draw", initialize(kaimingUniform(), [2 ** 16, 2 ** 15]), MemoryError, /8589934592 bytes/],
    ["a xavier draw", initialize(xavierNormal(), [1.5, 2]), ShapeError, /1.5/],
    [
      "a matrix product",
      () => {
        const graph = new Graph();
        ops.matmul(graph.input([2 ** 20, 1], "a"), graph.input([1, 2 ** 20], "b"));
      },
      MemoryError,
      /4398046511104 bytes/,
    ],
    [
      "the activations of a deep program",
      () => {
        const graph = new Graph();
        const x = graph.input([2 ** 28], "x");
        new Program(engine, graph, { outputs: [x, ...Array.from({ length: 5 }, () => ops.exp(x))] });
      },
      MemoryError,
      /\d{10} bytes/,
    ],
  ])("%s", (_, make, error, message) => {
    // prettier-ignore
    const before = engine.memory.byteLength;
    const start = performance.now();
    expect(make).toThrow(error);
    const time = performance.now() - start;
    expect(make).toThrow(message);
    expect(time).toBeLessThan(100);
    expect(engine.memory.byteLength - before).toBeLessThan(2 ** 31);
  });

  it("but not what fits, however odd: strides and dilations beyond the image mean what they say", () => {
    const graph = new Graph();
    const x = graph.input([1, 5, 5, 1], "x", "f32", true);
    const w = graph.input([1, 1, 1, 1], "w", "f32", true);
    const limit = 2 ** 31 - 1;
    const outputs = [
      ops.conv2d(x, w, undefined, { stride: limit, dilation: limit }),
      ops.depthwiseConv2d(x, ops.reshape(w, [1, 1, 1]), undefined, { stride: limit, dilation: limit }),
      ops.maxPool2d(x, { kernelSize: 1, stride: limit }),
    ];
    const sum = outputs.reduce((a, b) => ops.add(a, b));
    const program = new Program(engine, graph, { outputs: [sum], backward: { from: sum }, gradients: [x, w] });
    program.write(
      x,
      Float32Array.from({ length: 25 }, (_, i) => i + 3),
    );
    program.write(w, [2]);
    program.run();
    expect([...program.read(sum)]).toEqual([3 * 2 + 3 * 2 + 3]);
    expect([...program.readGradient(x)]).toEqual([2 + 2 + 1, ...new Array<number>(24).fill(0)]);
    expect([...program.readGradient(w)]).toEqual([6]);
    program.dispose();
  });
});
