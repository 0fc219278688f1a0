import { describe, expect, it } from "vitest";
import { gradients, Graph, Program, Value } from "../../src/graph/index.js";
import { data, type Engine, type losses, type nn, type optim, StateError, Trainer } from "../../src/index.js";
import { readNumbers } from "../catalogue/sample.js";
import { dot } from "../catalogue/objective.js";
import { add } from "../../src/ops/elementwise/add.js";
import { testEngine } from "../kernel.js";
import { evaluate, files, type FunctionCase, type NumbersCase, type TrainingCase } from "./cases.js";

/** How many times as far from float64 as PyTorch's float32 a result may be. */
const margin = 8;
/** What rounding may cost in relation to the size of a result even where PyTorch happens to round to the exact number. */
const rounding = 2 ** -20;
const least = 2 ** -126;

type Result = readonly [name: string, found: ArrayLike<number>];

/** Fails unless results are those of PyTorch's float64 within what float32 costs there. NaN and infinities are the same ones. */
function expectGolden(golden: FunctionCase | TrainingCase | NumbersCase, results: readonly Result[]): void {
  expect(results.map(([name]) => name).sort()).toEqual([...golden.results].sort());
  for (const [name, found] of results) {
    const { data: exact } = golden.tensor(name);
    expect(found.length, `elements of ${name}`).toBe(exact.length);
    const [absolute, relative] = golden.errors[name] ?? [0, 0];
    const finite = Array.from(exact).filter(Number.isFinite);
    const largest = finite.reduce((most, number) => Math.max(most, Math.abs(number)), 0);
    const floor = least + (golden.kind === "function" ? (golden.floor ?? 0) : 0);
    const isElementwise = golden.kind === "function" && golden.elementwise;
    exact.forEach((want, i) => {
      const got = found[i]!;
      const tolerance = isElementwise
        ? (margin * relative + rounding) * Math.abs(want) + floor
        : margin * absolute + rounding * largest + floor;
      const isRight = Number.isFinite(want) ? Math.abs(got - want) <= tolerance : Object.is(got, want);
      if (!isRight) expect.fail(`${name}[${i}] is ${got}, want ${want} within ${tolerance}`);
    });
  }
}

function valuesIn(result: unknown): readonly Value[] {
  if (result instanceof Value) return [result];
  return Object.values(result as Readonly<Record<string, Value | undefined>>).filter((value) => value !== undefined);
}

/** The results of a function, and what gradients the case has. */
function compute(engine: Engine, golden: FunctionCase): readonly Result[] {
  const graph = new Graph();
  const written: (readonly [Value, ArrayLike<number>])[] = [];
  const place = (name: string, requiresGradient = false): Value => {
    const { shape, dataType, data } = golden.tensor(name);
    const value = graph.input(shape, name, dataType, requiresGradient);
    written.push([value, data]);
    return value;
  };
  const given = new Map(golden.inputs.map((name) => [name, place(name, golden.varied.includes(name))]));
  const outputs = valuesIn(evaluate(golden.call, Object.fromEntries(given)));
  const results = new Map<string, Value>(outputs.map((value, i) => [`y${i}`, value]));
  const isWanted = (kind: string): boolean =>
    golden.varied.length > 0 && golden.results.includes(kind + golden.varied[0]!);
  const zeros: Result[] = [];
  /** Adds the gradients of a value to the results, and returns them. */
  const differentiate = (from: Value, kind: string): readonly Value[] => {
    const values = golden.varied.map((name) => given.get(name)!);
    // All at once is one walk through the graph.
    const together = gradientsOf(from, values);
    return golden.varied.flatMap((name, i) => {
      const gradient = (together ?? gradientsOf(from, [values[i]!]) ?? [])[together ? i : 0];
      if (gradient) results.set(kind + name, gradient);
      else zeros.push([kind + name, new Float32Array(given.get(name)!.size)]);
      return gradient ? [dot(gradient, place(kind === "d:" && isWanted("dd:") ? `v:${name}` : name))] : [];
    });
  };
  if (isWanted("d:")) {
    const smooth = [...results].filter(([name]) => hasTensor(golden, `u:${name}`));
    const along = differentiate(smooth.map(([name, y]) => dot(y, place(`u:${name}`))).reduce(add), "d:");
    // Of what has no gradient there is none of that.
    const [first, ...others] = along;
    if (isWanted("dd:")) differentiate(first ? others.reduce(add, first) : graph.constant([], 0), "dd:");
  }
  const program = new Program(engine, graph, { outputs: [...results.values()] });
  for (const [value, numbers] of written) program.write(value, numbers as Float32Array);
  program.run();
  const read = [...results].map(([name, value]): Result => [name, readNumbers(program, value)]);
  program.dispose();
  return [...read, ...zeros];
}

/** Undefined where nothing flows back to one of the values: its gradient is 0. */
function gradientsOf(from: Value, values: readonly Value[]): readonly Value[] | undefined {
  try {
    return gradients(from, values);
  } catch (error) {
    if (error instanceof StateError) return undefined;
    throw error;
  }
}

function hasTensor(golden: FunctionCase, name: string): boolean {
  try {
    golden.tensor(name);
    return true;
  } catch {
    return false;
  }
}

/** The losses of a training, and the state after it. */
function train(engine: Engine, golden: TrainingCase): readonly Result[] {
  const { inputShape, dataType, steps, batch } = golden;
  const layers = evaluate(golden.model) as nn.Sequential;
  const model = layers.build(engine, { inputShape, ...(dataType === "i32" && { dataType }) });
  const tensors = golden.state.map((name) => {
    const { shape, data } = golden.tensor(`state:${name}`);
    return [name, { shape, data: Float32Array.from(data) }] as const;
  });
  model.loadState(new Map([...model.state(), ...tensors]));
  const [inputs, targets] = [golden.tensor("inputs"), golden.tensor("targets")];
  const dataset = data.dataset({
    inputs: inputs.data as Float32Array,
    inputShape,
    targets: targets.data as Float32Array,
    targetShape: targets.shape.slice(1),
  });
  const loss = evaluate(golden.loss) as losses.Loss;
  const trainer = new Trainer(model, { loss, optimizer: evaluate(golden.optimizer) as optim.Optimizer });
  const found = Float64Array.from({ length: steps }, (_, i) => trainer.trainStep(dataset, i * batch, batch).loss);
  const state = model.state();
  const names = golden.results.filter((name) => name.startsWith("after:"));
  const after = names.map((name): Result => [name, state.get(name.slice("after:".length))!.data]);
  model.dispose();
  return [["losses", found], ...after];
}

describe.each(files)("PyTorch's %s", async (_, cases) => {
  const engine = await testEngine();

  it.each(cases)("agree with %s", (_title, golden) => {
    if (golden.kind === "function") expectGolden(golden, compute(engine, golden));
    else if (golden.kind === "training") expectGolden(golden, train(engine, golden));
    else {
      const rate = evaluate(golden.call) as optim.Schedule;
      const { length } = golden.tensor("values").data;
      const at = (i: number): number => {
        const run = { step: i + 1, steps: length, epoch: i + 1, epochs: length };
        return rate({ step: i + 1, epoch: i + 1, run });
      };
      expectGolden(golden, [["values", Float64Array.from({ length }, (_, i) => at(i))]]);
    }
  });
});
