// `using` calls a method under a symbol that not every host and not every compiler's library has.

export type SymbolNamed<Name extends string> =
  SymbolConstructor extends Readonly<Record<Name, infer S extends symbol>> ? S : never;

/** The method that `using` calls, where the types know its symbol. */
export type Disposes = { readonly [S in SymbolNamed<"dispose">]: () => void };
/** The method that `await using` calls, where the types know its symbol. */
export type DisposesAsync = { readonly [S in SymbolNamed<"asyncDispose">]: () => Promise<void> };

/** Gives a class, or an object, another name for its method `method`: the symbol, or what tools that translate `using` put in its place. */
export function addSymbol(
  prototype: object,
  symbolName: "dispose" | "asyncDispose",
  method: "dispose" | "close",
): void {
  const symbols = Symbol as unknown as Readonly<Record<string, symbol | undefined>>;
  const symbol = symbols[symbolName] ?? Symbol.for(`Symbol.${symbolName}`);
  Object.defineProperty(prototype, symbol, {
    configurable: true,
    writable: true,
    value(this: Record<typeof method, () => unknown>) {
      return this[method]();
    },
  });
}

export abstract class DisposableObject {
  /** Gives back the memory that it holds. */
  abstract dispose(): void;
  static {
    addSymbol(this.prototype, "dispose", "dispose");
  }
}

export abstract class AsyncDisposableObject {
  abstract close(): Promise<void>;
  static {
    addSymbol(this.prototype, "asyncDispose", "close");
  }
}

/** For classes with a method `dispose`, which `using` calls too. */
export const DisposableBase = DisposableObject as abstract new () => DisposableObject & Disposes;
/** For classes with a method `close`, which `await using` calls too. */
export const AsyncDisposableBase = AsyncDisposableObject as abstract new () => AsyncDisposableObject & DisposesAsync;
