import ts from "typescript";

/** A function that users of the package can call: "nn.linear", "new Trainer", "Trainer.fit". */
export interface PublicFunction {
  readonly name: string;
  readonly parameters: readonly string[];
}

/**
 * Every function that an entry point exports, with the constructors and methods of its classes, as their types say.
 * @param values what it exports at run time: the rest are types
 */
export function publicFunctions(entryPoint: string, values: object): readonly PublicFunction[] {
  const { config } = ts.readConfigFile("tsconfig.json", (path) => ts.sys.readFile(path)) as { config: object };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, process.cwd());
  const program = ts.createProgram([entryPoint], { ...options, noEmit: true });
  const checker = program.getTypeChecker();
  const found = new Map<string, PublicFunction>();

  function add(name: string, signature: ts.Signature | undefined): void {
    if (signature) found.set(name, { name, parameters: signature.parameters.map((parameter) => parameter.name) });
  }

  function addModule(module: ts.Symbol, prefix: string, values: object): void {
    for (const exported of checker.getExportsOfModule(module)) {
      addExport(exported, prefix, (values as Readonly<Record<string, unknown>>)[exported.name]);
    }
  }

  function addExport(exported: ts.Symbol, prefix: string, value: unknown): void {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    const name = prefix + exported.name;
    if (symbol.flags & ts.SymbolFlags.ValueModule) return addModule(symbol, `${name}.`, value as object);
    if (!(symbol.flags & ts.SymbolFlags.Value)) return;
    const type = checker.getTypeOfSymbol(symbol);
    const isOnlyType = value === undefined;
    if (!isOnlyType) add(name, type.getCallSignatures()[0]);
    if (!(symbol.flags & ts.SymbolFlags.Class) || isAbstract(symbol)) return;
    if (!isOnlyType) add(`new ${name}`, type.getConstructSignatures()[0]);
    for (const member of checker.getDeclaredTypeOfSymbol(symbol).getProperties()) {
      if (isPublic(member))
        add(`${symbol.name}.${member.name}`, checker.getTypeOfSymbol(member).getCallSignatures()[0]);
    }
  }

  const source = program.getSourceFile(entryPoint);
  addModule(checker.getSymbolAtLocation(source!)!, "", values);
  return [...found.values()];
}

function isAbstract({ valueDeclaration }: ts.Symbol): boolean {
  return (
    valueDeclaration !== undefined && (ts.getCombinedModifierFlags(valueDeclaration) & ts.ModifierFlags.Abstract) !== 0
  );
}

function isPublic(member: ts.Symbol): boolean {
  const { valueDeclaration } = member;
  if (!valueDeclaration || member.name.startsWith("__@")) return false;
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  if (ts.getCombinedModifierFlags(valueDeclaration) & hidden) return false;
  if (valueDeclaration.getSourceFile().fileName.includes("node_modules")) return false;
  return !member.getJsDocTags().some(({ name }) => name === "internal");
}
