import { createEngine } from "../src/index.js";
import { Graph, Program } from "../src/graph/index.js";
import * as ops from "../src/ops/index.js";
import { createTunedKernels } from "./baselines/tuned/index.js";
import { groupedConv2d } from "./baselines/grouped.js";
const engine = await createEngine({ threads: 1, build: "simd" });
const kernels = createTunedKernels();
const rnd = (n: number) => Float32Array.from({ length: n }, () => Math.random() - 0.5);
function row(C: number, O: number, g: number, size = 28, batch = 2) {
  const graph = new Graph();
  const shapes = [[batch, size, size, C], [3, 3, C / g, O], [O]];
  const vs = shapes.map((s, i) => graph.input(s, "i" + i, "f32", true));
  const y = ops.conv2d(vs[0]!, vs[1]!, vs[2], { padding: 1, groups: g });
  const up = graph.input(y.shape, "up");
  const p = new Program(engine, graph, { outputs: [y], backward: { from: y, gradient: up }, gradients: vs });
  for (const v of [...vs, up]) p.write(v, rnd(v.size));
  for (let i = 0; i < 3; i++) p.run();
  const calls = p.linked.calls;
  const best = calls.map(() => Infinity);
  for (let r = 0; r < 60; r++)
    for (let i = 0; i < calls.length; i++) {
      const t = performance.now();
      engine.run(p.linked, i, 1);
      best[i] = Math.min(best[i]!, performance.now() - t);
    }
  const part = 0;
  const sums = [0, 0, 0];
  console.log(`${C}→${O} g${g}:`, calls.map((c, i) => `${c.kernel} ${best[i]!.toFixed(3)}`).join(", "));
  const firstBias = calls.findIndex((c) => c.kernel === "biasGradient");
  const wg = calls.findIndex((c) => c.kernel.endsWith("WeightGradient"));
  const wgEnd = calls[wg + 1]?.kernel === "gemmReduce" ? wg + 2 : wg + 1;
  calls.forEach((_, i) => {
    sums[i < firstBias ? 0 : i < wgEnd ? 2 : 1]! += best[i]!;
  });
  const k = groupedConv2d(kernels, g);
  const shape = {
    batch,
    height: size,
    width: size,
    inChannels: C,
    outChannels: O,
    kernelSize: 3,
    stride: 1,
    padding: 1,
  };
  const x = rnd(shapes[0]!.reduce((a, b) => a * b)),
    w = rnd(((9 * C) / g) * O),
    b = rnd(O),
    yy = rnd(batch * size * size * O),
    dx = rnd(x.length),
    dw = rnd(w.length),
    db = rnd(O);
  const js = [Infinity, Infinity, Infinity];
  const depth = g === C && C === O;
  const fs = depth
    ? [
        () => kernels.depthwiseConv2d(x, w, b, yy, shape),
        () => kernels.depthwiseConv2dInputGradient(yy, w, dx, shape),
        () => kernels.depthwiseConv2dWeightGradient(x, yy, dw, db, shape),
      ]
    : [
        () => k.forward([x, w, b], [yy], shape),
        () => k.inputGradient([yy, w], [dx], shape),
        () => k.weightGradient([x, yy], [dw, db], shape),
      ];
  for (let r = 0; r < 12; r++)
    fs.forEach((f, i) => {
      const t = performance.now();
      f();
      js[i] = Math.min(js[i]!, performance.now() - t);
    });
  const fl = (2 * batch * size * size * O * (C / g) * 9) / 1e6;
  console.log(
    "   ",
    ["fwd", "dx", "dw"]
      .map(
        (n, i) =>
          `${n} ${sums[i]!.toFixed(3)} ms ${(fl / sums[i]!).toFixed(1)} GF js ${js[i]!.toFixed(2)} → ${(js[i]! / sums[i]!).toFixed(1)}×`,
      )
      .join("   "),
  );
  part;
}
row(64, 64, 2);
row(64, 64, 4);
row(64, 64, 8);
row(64, 64, 16);
row(128, 128, 32);
row(64, 64, 32);
row(64, 64, 64);
row(32, 64, 32);
row(96, 96, 32);
await engine.close();
