import { readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";
import { transformSync } from "esbuild";
import { describe, expect, it } from "vitest";
import type * as disposable from "../../src/engine/disposable.js";

interface Loaded {
  readonly classes: typeof disposable;
  /** The symbols of the host in which the classes were loaded. */
  readonly symbols: Readonly<Record<string, symbol | undefined>>;
}

/** Loads the classes in a host of its own, without the symbols if that is asked for. */
function load(hasSymbols: boolean): Loaded {
  const source = readFileSync(new URL("../../src/engine/disposable.ts", import.meta.url), "utf8");
  const { code } = transformSync(source, { loader: "ts", format: "cjs" });
  const symbols = hasSymbols
    ? "Object.assign((name) => Symbol(name), { for: Symbol.for, dispose: Symbol('d'), asyncDispose: Symbol('a') })"
    : "{ for: Symbol.for }";
  const script = `((Symbol) => {
    const module = { exports: {} };
    ((module, exports) => { ${code} })(module, module.exports);
    return { classes: module.exports, symbols: Symbol };
  })(${symbols})`;
  return runInNewContext(script) as Loaded;
}

describe.each([
  ["has the symbols of `using`", true],
  ["lacks them", false],
])("where the host %s", (_, hasSymbols) => {
  const { classes, symbols } = load(hasSymbols);

  it("`using` and what tools make of it find the methods", async () => {
    const calls: string[] = [];
    class Memory extends classes.DisposableBase {
      dispose(): void {
        calls.push("dispose");
      }
    }
    class Host extends classes.AsyncDisposableBase {
      async close(): Promise<void> {
        await Promise.resolve();
        calls.push("close");
      }
    }
    // As esbuild and others translate `using`.
    const symbolOf = (name: string): symbol => symbols[name] ?? Symbol.for(`Symbol.${name}`);
    const memory = new Memory() as unknown as Record<symbol, () => unknown>;
    const host = new Host() as unknown as Record<symbol, () => unknown>;
    memory[symbolOf("dispose")]!();
    await host[symbolOf("asyncDispose")]!();
    expect(calls).toEqual(["dispose", "close"]);
    expect(Object.keys(memory)).toEqual([]);
  });

  it("nothing is added to the host", () => {
    expect(Object.hasOwn(symbols, "dispose")).toBe(hasSymbols);
    expect(Object.hasOwn(symbols, "asyncDispose")).toBe(hasSymbols);
  });
});
