import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, it } from "vitest";
import * as api from "../../src/index.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Follows an import or re-export to what it names. */
function target(checker: ts.TypeChecker, symbol: ts.Symbol): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

/** What a module exports, by name; what namespaces export under "namespace.name". */
function exportsOf(checker: ts.TypeChecker, module: ts.Symbol, prefix = ""): [name: string, symbol: ts.Symbol][] {
  return checker.getExportsOfModule(module).flatMap((exported) => {
    const symbol = target(checker, exported);
    const name = prefix + exported.name;
    const isNamespace = symbol.flags & ts.SymbolFlags.ValueModule;
    return isNamespace ? exportsOf(checker, symbol, `${name}.`) : [[name, symbol]];
  });
}

/** What a module exports at run time, by name as above. */
function valuesOf(module: object, prefix = ""): string[] {
  return Object.entries(module).flatMap(([name, value]) =>
    isModule(value) ? valuesOf(value, `${prefix}${name}.`) : [prefix + name],
  );
}

function isModule(value: unknown): value is object {
  return Object.prototype.toString.call(value) === "[object Module]";
}

/** The symbols that the public part of a declaration names as types. */
function typesIn(checker: ts.TypeChecker, declaration: ts.Node, isOnlyType: boolean): ts.Symbol[] {
  const found: ts.Symbol[] = [];
  const visit = (node: ts.Node): void => {
    // Nobody can call the constructor of what is exported as a type.
    if (isOnlyType && ts.isConstructorDeclaration(node)) return;
    if (ts.canHaveModifiers(node)) {
      const hidden = [ts.SyntaxKind.PrivateKeyword, ts.SyntaxKind.ProtectedKeyword];
      if (ts.getModifiers(node)?.some(({ kind }) => hidden.includes(kind))) return;
    }
    const name = ts.isTypeReferenceNode(node)
      ? node.typeName
      : ts.isExpressionWithTypeArguments(node)
        ? node.expression
        : undefined;
    const symbol = name && checker.getSymbolAtLocation(name);
    if (symbol) found.push(target(checker, symbol));
    ts.forEachChild(node, visit);
  };
  visit(declaration);
  return found;
}

/** "user uses Type" for each type of the package that a signature names and no entry of it exports. */
function unexported(entry: string): string[] {
  const program = ts.createProgram([entry], { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ESNext });
  const checker = program.getTypeChecker();
  const exported = exportsOf(checker, checker.getSymbolAtLocation(program.getSourceFile(entry)!)!);
  const known = new Set(exported.map(([, symbol]) => symbol));
  const isOurs = ({ flags, declarations = [] }: ts.Symbol): boolean =>
    !(flags & ts.SymbolFlags.TypeParameter) &&
    declarations.some((declaration) => declaration.getSourceFile().fileName.startsWith(`${root}build/`));
  const atRuntime = new Set(valuesOf(api));
  return exported.flatMap(([name, { declarations = [] }]) => [
    ...new Set(
      declarations
        .flatMap((declaration) => typesIn(checker, declaration, !atRuntime.has(name)))
        .filter((type) => isOurs(type) && !known.has(type))
        .map((type) => `${name} uses ${type.name}`),
    ),
  ]);
}

it("the package exports every type that its public signatures name", () => {
  expect(unexported(`${root}build/index.d.ts`)).toEqual([]);
});
