import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import type { Engine } from "../../src/engine/index.js";
import { Graph, Program } from "../../src/graph/index.js";
import { type Catalogued, operations } from "../catalogue/operations.js";
import { inputsOf, isDifferentiable, resultsOf, type Sample } from "../catalogue/sample.js";
import { samplesOf } from "../catalogue/samples.js";

// The tables of docs/operations.md: a row for each public function, made of its types, its comment and its samples.

const root = new URL("../../", import.meta.url);

export const pageFile = new URL("docs/operations.md", root);

/** A function of a family of operations. */
export interface Documented {
  readonly name: string;
  readonly family: string;
  /** Its parameters in order but for the object of options; those that may be left out with "?". */
  readonly parameters: readonly string[];
  readonly options: readonly string[];
  /** What its comment says, but for what is said of single parameters and errors. */
  readonly text: string;
}

/** The families of operations: the folders that src/ops/index.ts lists. */
export const families: readonly string[] = Array.from(
  readFileSync(new URL("src/ops/index.ts", root), "utf8").matchAll(/"\.\/(\w+)\/index\.js"/g),
  ([, family]) => family!,
);

/** The public functions of all families, in the order in which these and their indices list them. */
export function documentedFunctions(): readonly Documented[] {
  const files = families.map((family) => fileURLToPath(new URL(`src/ops/${family}/index.ts`, root)));
  const program = ts.createProgram(files, { strict: true, module: ts.ModuleKind.NodeNext, types: [] });
  const checker = program.getTypeChecker();
  return files.flatMap((file, i) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(file)!)!;
    return checker.getExportsOfModule(module).flatMap((exported): Documented[] => {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      if (!(symbol.flags & ts.SymbolFlags.Value)) return [];
      const [signature] = checker.getTypeOfSymbol(symbol).getCallSignatures();
      if (!signature) return [];
      const parameters: string[] = [];
      const options: string[] = [];
      for (const parameter of signature.parameters) {
        const { name, valueDeclaration: declaration } = parameter;
        if (name.startsWith("options")) options.push(...propertiesOf(checker, checker.getTypeOfSymbol(parameter)));
        else {
          const isOptional = declaration && ts.isParameter(declaration) && checker.isOptionalParameter(declaration);
          parameters.push(name + (isOptional ? "?" : ""));
        }
      }
      const text = ts.displayPartsToString(symbol.getDocumentationComment(checker)).replaceAll(/\s+/g, " ").trim();
      return [{ name: exported.name, family: families[i]!, parameters, options, text }];
    });
  });
}

/** The names of the options that an object of this type may have. */
function propertiesOf(checker: ts.TypeChecker, type: ts.Type): readonly string[] {
  const parts = type.isUnion() ? type.types : [type];
  const objects = parts.filter((part) => part.flags & ts.TypeFlags.Object && !checker.isArrayLikeType(part));
  return [...new Set(objects.flatMap((part) => part.getProperties().map(({ name }) => name)))];
}

/** Functions by another name than that of the operation they apply. */
const appliedBy: Readonly<Record<string, string>> = {
  flatten: "reshape",
  meanSquaredError: "squaredError",
  halfSumOfSquares: "squaredError",
  ...{ squeeze: "reshape", unsqueeze: "reshape", transpose: "permute", flip: "slice", split: "slice", chunk: "slice" },
};

/** The definition behind a function; undefined for one that is made of several, or takes a list of values. */
export function definitionOf(name: string): Catalogued | undefined {
  if (name === "concat") return undefined;
  return operations.find((operation) => operation.name === (appliedBy[name] ?? name));
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

/** The page with its tables made anew: what stands between `<!-- operations: family -->` and `<!-- end -->`. */
export function operationsPage(page: string, engine: Engine): string {
  const functions = documentedFunctions();
  return page.replaceAll(
    /(<!-- operations: (\w+) -->\n).*?(<!-- end -->)/gs,
    (_, begin: string, family: string, end: string) => {
      const rows = functions
        .filter((documented) => documented.family === family)
        .map((documented) => rowOf(documented, engine));
      return `${begin}\n${table([["operation", "what it is", "kernels"], ...rows])}\n${end}`;
    },
  );
}

function rowOf({ name, parameters, options, text }: Documented, engine: Engine): readonly string[] {
  const given = [...parameters, ...(options.length > 0 ? [`{ ${options.join(", ")} }`] : [])];
  const definition = definitionOf(name);
  const kernels = definition ? samplesOf(definition).flatMap((sample) => kernelsOf(engine, sample)) : [];
  const names = [...new Set(kernels)].sort().map((kernel) => `\`${kernel}\``);
  return [`\`${name}(${given.join(", ")})\``, text.replaceAll("|", "\\|"), names.join(", ")];
}

/** A table as Prettier lays it out. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => Array.from(row[column]!).length)));
  const line = (row: readonly string[], filler = " "): string =>
    `| ${row.map((cell, column) => cell + filler.repeat(widths[column]! - Array.from(cell).length)).join(" | ")} |\n`;
  const [head, ...body] = rows;
  return [line(head!), line(widths.map((width) => "-".repeat(width))), ...body.map((row) => line(row))].join("");
}
