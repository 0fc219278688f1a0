import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import type { Engine } from "../../src/engine/index.js";
import { Graph, Program } from "../../src/graph/index.js";
import { type Catalogued, operations } from "../catalogue/operations.js";
import { inputsOf, isDifferentiable, resultsOf, type Sample } from "../catalogue/sample.js";
import { samplesOf } from "../catalogue/samples.js";

// The tables of docs/operations.md and docs/layers.md: a row for each public function, made of its types, its comment and its
// samples.

const root = new URL("../../", import.meta.url);

/** The pages that have such tables. */
export const pages = ["operations", "layers"].map((name) => new URL(`docs/${name}.md`, root));

/** A public function. */
export interface Documented {
  readonly name: string;
  /** What it is part of: a family of operations, or a module of the API. */
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

/** Where other modules of the API are listed. */
const modules: Readonly<Record<string, string>> = {
  nn: "src/layers/index.ts",
  losses: "src/losses/index.ts",
  optim: "src/optim/index.ts",
  schedules: "src/optim/schedules.ts",
  initializers: "src/layers/initializers.ts",
};

/** The public functions of all families and modules, in the order in which these and their indices list them. */
export function documentedFunctions(): readonly Documented[] {
  const listed = [
    ...families.map((family) => [family, `src/ops/${family}/index.ts`] as const),
    ...Object.entries(modules).map(([name, file]) => [`module ${name}`, file] as const),
  ];
  const files = listed.map(([, file]) => fileURLToPath(new URL(file, root)));
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
      return [{ name: exported.name, family: listed[i]![0], parameters, options, text }];
    });
  });
}

/** The names of the options that an object of this type may have. A list of arguments stands for its first. */
function propertiesOf(checker: ts.TypeChecker, type: ts.Type): readonly string[] {
  if (checker.isTupleType(type)) {
    const [first] = checker.getTypeArguments(type as ts.TypeReference);
    return first ? propertiesOf(checker, first) : [];
  }
  const parts = type.isUnion() ? type.types : [type];
  const objects = parts.filter((part) => part.flags & ts.TypeFlags.Object && !checker.isArrayLikeType(part));
  return [...new Set(objects.flatMap((part) => part.getProperties().map(({ name }) => name)))];
}

/** Functions by another name than that of the operation they apply. */
const appliedBy: Readonly<Record<string, string>> = {
  flatten: "reshape",
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

/** A page with its tables made anew: what stands between `<!-- operations: family -->` and `<!-- end -->`. */
export function withTables(page: string, engine: Engine): string {
  const functions = documentedFunctions();
  return page.replaceAll(
    /(<!-- (operations|module): (\w+) -->\n).*?(<!-- end -->)/gs,
    (_, begin: string, kind: string, family: string, end: string) => {
      const owner = kind === "operations" ? family : `module ${family}`;
      const members = functions.filter((documented) => documented.family === owner);
      const rows =
        kind === "operations"
          ? [["operation", "what it is", "kernels"], ...members.map((documented) => rowOf(documented, engine))]
          : [
              ["function", "what it is"],
              ...members.map((documented) => [callOf(documented, `${family}.`), documented.text]),
            ];
      return `${begin}\n${table(rows)}\n${end}`;
    },
  );
}

/** How it is called: `linear(x, weight, bias?, { relu })`. */
function callOf({ name, parameters, options }: Documented, prefix = ""): string {
  const given = [...parameters, ...(options.length > 0 ? [`{ ${options.join(", ")} }`] : [])];
  return `\`${prefix}${name}(${given.join(", ")})\``;
}

function rowOf(documented: Documented, engine: Engine): readonly string[] {
  const definition = definitionOf(documented.name);
  const kernels = definition ? samplesOf(definition).flatMap((sample) => kernelsOf(engine, sample)) : [];
  const names = [...new Set(kernels)].sort().map((kernel) => `\`${kernel}\``);
  return [callOf(documented), documented.text, names.join(", ")];
}

/** A table as Prettier lays it out. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => Array.from(cellOf(row, column)).length)));
  const line = (row: readonly string[], filler = " "): string =>
    `| ${row.map((_, column) => cellOf(row, column) + filler.repeat(widths[column]! - Array.from(cellOf(row, column)).length)).join(" | ")} |\n`;
  const [head, ...body] = rows;
  return [line(head!), line(widths.map((width) => "-".repeat(width))), ...body.map((row) => line(row))].join("");
}

function cellOf(row: readonly string[], column: number): string {
  return row[column]!.replaceAll("|", "\\|");
}
