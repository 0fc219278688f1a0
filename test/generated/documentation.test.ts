import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { recordLayouts } from "../../src/engine/recordLayouts.js";
import type { Engine } from "../../src/engine/index.js";
import { Graph, Program } from "../../src/graph/index.js";
import { ops } from "../../src/index.js";
import { operationNamed } from "../catalogue/operations.js";
import { inputsOf, isDifferentiable, resultsOf, type Sample } from "../catalogue/sample.js";
import { samplesOf } from "../catalogue/samples.js";
import { testEngine } from "../kernel.js";

const root = new URL("../../", import.meta.url);
const page = readFileSync(new URL("docs/operations.md", root), "utf8");

/** Functions by another name than that of the operation they apply. */
const appliedBy: Readonly<Record<string, string>> = {
  flatten: "reshape",
  meanSquaredError: "squaredError",
  halfSumOfSquares: "squaredError",
  ...{ squeeze: "reshape", unsqueeze: "reshape", transpose: "permute", flip: "slice", split: "slice", chunk: "slice" },
};
/** Written in JavaScript by the caller, of a list of values, or made of several: no one definition speaks for them. */
const withoutDefinition = new Set(["custom", "concat", "stack", "tile"]);
const defined = Object.keys(ops).filter((name) => !withoutDefinition.has(name));

function definitionOf(name: string) {
  return operationNamed(appliedBy[name] ?? name);
}

/** A row of a table of operations: the call in its first column, and the kernels named in its last, if it has that many. */
interface Row {
  readonly parameters: readonly string[];
  readonly options: readonly string[];
  readonly kernels: readonly string[];
}

function rows(): ReadonlyMap<string, Row> {
  return new Map(
    Array.from(page.matchAll(/^\| `(\w+)\(([^)]*)\)`(.*)\|$/gm), ([, name, call, rest]) => {
      const [, parameters = "", options = ""] = /^([^{]*)(?:\{(.*)\})?$/.exec(call!)!;
      const list = (text: string): string[] => text.split(",").flatMap((part) => part.trim() || []);
      const kernels = Array.from(
        rest!
          .split("|")
          .at(-1)!
          .matchAll(/`(\w+)`/g),
        ([, kernel]) => kernel!,
      );
      return [name!, { parameters: list(parameters), options: list(options), kernels }];
    }),
  );
}

/** How a function is called, as the type checker sees it. */
interface Signature {
  /** Of its parameters but for the object of options; those that may be left out with "?". */
  readonly names: readonly string[];
  readonly hasOptions: boolean;
}

function signatures(): ReadonlyMap<string, Signature> {
  const file = fileURLToPath(new URL("src/ops/index.ts", root));
  const program = ts.createProgram([file], { strict: true, module: ts.ModuleKind.NodeNext, types: [] });
  const checker = program.getTypeChecker();
  const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)!)!);
  return new Map(
    exported.flatMap((symbol): [string, Signature][] => {
      const [signature] = checker.getTypeOfSymbol(symbol).getCallSignatures();
      if (!signature) return [];
      const names = signature.parameters.map(({ name, valueDeclaration: declaration }) => {
        const isOptional = declaration && ts.isParameter(declaration) && checker.isOptionalParameter(declaration);
        return name + (isOptional ? "?" : "");
      });
      const isOptions = (name: string): boolean => name.startsWith("options");
      return [[symbol.name, { names: names.filter((name) => !isOptions(name)), hasOptions: names.some(isOptions) }]];
    }),
  );
}

/** The kernels that a sample runs forward, and backward to all inputs. */
function kernelsOf(engine: Engine, sample: Sample): readonly string[] {
  const graph = new Graph();
  const values = inputsOf(sample, graph);
  const node = sample.apply(values, graph);
  const [y] = resultsOf(node);
  const backward = { from: y!, gradient: graph.input(y!.shape, "upstream") };
  const program = new Program(engine, graph, {
    outputs: [y!],
    ...(values.length > 0 && isDifferentiable(node) && { backward, gradients: values }),
  });
  program.dispose();
  return program.linked.calls.map(({ kernel }) => kernel);
}

describe("docs/operations.md", async () => {
  const engine = await testEngine();
  const documented = rows();
  const declared = signatures();

  it("has a row for each operation, and for nothing else", () => {
    expect([...documented.keys()].sort()).toEqual(Object.keys(ops).sort());
  });

  it.each(defined)("shows how %s is called: its parameters in order, and its options", (name) => {
    const { parameters, options } = documented.get(name)!;
    const { names, hasOptions } = declared.get(name)!;
    expect(parameters).toEqual(names);
    expect([...options].sort()).toEqual(hasOptions ? [...definitionOf(name).optionNames].sort() : []);
  });

  it.each(defined)("names the inputs of %s as its definition does", (name) => {
    const inputs = documented.get(name)!.parameters.map((parameter) => parameter.replace("?", ""));
    const { inputNames } = definitionOf(name);
    expect(inputs.slice(0, inputNames.length)).toEqual(inputNames);
  });

  it.each(defined)("names the kernels that samples of %s run, forward and backward, and no others", (name) => {
    const run = new Set(samplesOf(definitionOf(name)).flatMap((sample) => kernelsOf(engine, sample)));
    expect([...new Set(documented.get(name)!.kernels)].sort()).toEqual([...run].sort());
  });

  it("names each kernel", () => {
    const named = new Set(Array.from(page.matchAll(/`(\w+)`/g), ([, name]) => name));
    expect(Object.keys(recordLayouts).filter((kernel) => !named.has(kernel))).toEqual([]);
  });
});
