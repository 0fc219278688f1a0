import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type DataType, gradients, Graph, isFloating, Program, type Value } from "../../src/graph/index.js";
import { ops } from "../../src/index.js";
import { readNumbers } from "../catalogue/sample.js";
import { testedBuilds, testEngine } from "../kernel.js";

type Written = number | boolean | "NaN" | "Infinity" | "-Infinity";

/** What elementwise.py wrote of one function. */
interface Case {
  readonly operation: string;
  readonly types: readonly DataType[];
  readonly inputs: readonly (readonly Written[])[];
  readonly y: readonly Written[];
  /** Null for one that PyTorch does not have. */
  readonly gradients: readonly (readonly Written[] | null)[];
  /** A number as second operand. */
  readonly second?: number;
  readonly options?: Readonly<Record<string, number>>;
}

const cases = JSON.parse(readFileSync(new URL("elementwise.json", import.meta.url), "utf8")) as readonly Case[];

/** Where a gradient differs: x^−½ is rsqrt here, whose gradient −y³/2 PyTorch has for rsqrt alone, not for pow. */
const elsewhere = { title: "pow(f32, -0.5)", at: [-0, -Infinity] };

function titleOf({ operation, types, second, options }: Case): string {
  const settings = options ? `, ${JSON.stringify(options)}` : second === undefined ? "" : `, ${second}`;
  return `${operation}(${types.join(", ")}${settings})`;
}

function applied({ operation, second, options }: Case, values: readonly Value[]): Value {
  if (operation === "clamp") {
    const [x, min, max] = values as [Value, Value, Value];
    return ops.clamp(x, options ?? { min, max });
  }
  const apply = ops[operation as keyof typeof ops] as (...operands: readonly unknown[]) => Value;
  return second === undefined ? apply(...values) : apply(...values, second);
}

const numbersOf = (given: readonly Written[]): number[] => given.map(Number);

/** Fails unless NaN and infinities stand where they should, and others are near; zeros by their sign if `hasSigns`. */
function expectAlike(
  actual: ArrayLike<number>,
  wanted: readonly Written[],
  at: (i: number) => string,
  hasSigns: boolean,
) {
  numbersOf(wanted).forEach((exact, i) => {
    const value = actual[i]!;
    const isNear = Math.abs(value - exact) <= 1e-6 * Math.abs(exact) + 1e-7;
    const isRight = Number.isFinite(exact) && (exact !== 0 || !hasSigns) ? isNear : Object.is(value, exact);
    if (!isRight) expect.fail(`${at(i)}: ${value}, PyTorch has ${exact}`);
  });
}

describe.each(testedBuilds)("elementwise functions at special values (%s)", async (build) => {
  const engine = await testEngine(build);

  it.each(cases.map((one) => [titleOf(one), one] as const))(
    "%s is what PyTorch has, and its gradient",
    (title, one) => {
      const graph = new Graph();
      const values = one.types.map((type, i) => graph.input([one.y.length], `input ${i}`, type, isFloating(type)));
      const y = applied(one, values);
      const differentiated = values.filter((_, i) => one.gradients[i] && flows(y, values[i]!));
      const upstream = graph.constant(y.shape, 2);
      const found = differentiated.length > 0 ? gradients(y, differentiated, upstream) : [];
      const program = new Program(engine, graph, { outputs: [y, ...found] });
      values.forEach((value, i) => program.write(value, numbersOf(one.inputs[i]!)));
      program.run();
      const at = (i: number): string => `at ${one.inputs.map((input) => input[i]).join(", ")}`;
      // Which of two equal zeros is the larger differs between PyTorch's vectors and what is left of them.
      expectAlike(readNumbers(program, y), one.y, at, !/imum|clamp/.test(title));
      values.forEach((value, i) => {
        const wanted = one.gradients[i];
        if (!wanted) return;
        const gradient = found[differentiated.indexOf(value)];
        const actual = gradient ? program.read(gradient) : new Float32Array(y.size);
        if (title === elsewhere.title) {
          numbersOf(one.inputs[i]!).forEach((x, place) => {
            if (elsewhere.at.some((other) => Object.is(x, other))) actual[place] = Number(wanted[place]);
          });
        }
        expectAlike(actual, wanted, (place) => `gradient ${i} ${at(place)}`, false);
      });
      program.dispose();
    },
  );
});

/** Whether a gradient flows: of step functions it is 0, and none is computed. */
function flows(y: Value, x: Value): boolean {
  try {
    gradients(y, [x], y.graph.constant(y.shape, 1));
    return true;
  } catch {
    return false;
  }
}
