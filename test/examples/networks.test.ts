import { createEngine } from "wasmgrad";
import { describe, expect, it } from "vitest";
import * as ofBenchmarks from "../../bench/networks.js";
import * as ofExamples from "../../examples/networks.js";
import { createEngine as createEngineOfSources } from "../../src/index.js";

describe("the networks of the benchmarks are those of the examples", async () => {
  const options = { threads: 1 };
  const engines = [await createEngine(options), await createEngineOfSources(options)] as const;
  const names = Object.keys(ofExamples) as (keyof typeof ofExamples)[];

  it("by name", () => expect(Object.keys(ofBenchmarks)).toEqual(names));

  it.each(names)("in state and in what they compute: %s", (name) => {
    const input = Float32Array.from({ length: 2 * 784 }, (_, i) => Math.sin(i));
    const first = ofExamples[name]().build(engines[0], { inputShape: [28, 28, 1] });
    const second = ofBenchmarks[name]().build(engines[1], { inputShape: [28, 28, 1] });
    expect([...second.state()]).toEqual([...first.state()]);
    expect(second.predict(input)).toEqual(first.predict(input));
  });
});
