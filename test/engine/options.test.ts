import { describe, expect, it } from "vitest";
import {
  ArgumentError,
  checkBoolean,
  checkFunction,
  checkInteger,
  checkNumber,
  checkOptions,
  nearestName,
  show,
} from "../../src/engine/index.js";

const known = ["epochs", "batchSize", "shuffle", "dropLast", "validation", "learningRate", "weightDecay"] as const;

describe("checkOptions", () => {
  it.each([
    ["batchsize", "batchSize"],
    ["batch_size", "batchSize"],
    ["batchSise", "batchSize"],
    ["batch", "batchSize"],
    ["bs", "batchSize"],
    ["lr", "learningRate"],
    ["rate", "learningRate"],
    ["wd", "weightDecay"],
    ["nepochs", "epochs"],
    ["validationData", "validation"],
    ["Shuffle", "shuffle"],
    ["drop-last", "dropLast"],
    ["callbacks", undefined],
    ["", undefined],
  ])("takes %s for a word for %s", (name, meant) => expect(nearestName(name, known)).toBe(meant));

  it("names the unknown option, the one that was meant, and all there are", () => {
    const check = (options: object): void =>
      checkOptions<Record<string, unknown>>("fit", { ...options }, ["epochs", "seed"]);
    expect(() => check({ epoch: 3 })).toThrow(ArgumentError);
    expect(() => check({ epoch: 3 })).toThrow('fit has no option "epoch"; did you mean epochs? It has epochs, seed');
    expect(() => checkOptions<Record<string, unknown>>("none", { a: 1 }, [])).toThrow('none has no options, got "a"');
    check({});
    check({ epochs: undefined, seed: 1 });
  });

  it.each([undefined, null, 3, "epochs", [1], new Float32Array(2), () => 1, Symbol("x"), 3n])(
    "refuses what is no object of options: %s",
    (given) => {
      const check = (): void => checkOptions("fit", given as unknown as { epochs?: number }, ["epochs"]);
      expect(check).toThrow(ArgumentError);
      expect(check).toThrow(/^fit wants an object of options \(epochs\), got /);
    },
  );
});

describe("checks of single values", () => {
  it.each([undefined, null, "3", [3], {}, Object.create(null), Symbol("x"), 3n, () => 3, NaN])(
    "say in an ArgumentError what they got, whatever it is: %s",
    (given) => {
      expect(() => checkInteger("count", given as number)).toThrow(ArgumentError);
      expect(() => checkNumber("rate", given as number)).toThrow(/^rate must be a finite number .* got /);
      expect(() => checkBoolean("shuffle", given)).toThrow(/^shuffle must be true or false, got /);
    },
  );

  it("take functions for functions alone", () => {
    checkFunction("gate", () => undefined, "() => …");
    expect(() => checkFunction("gate", "x", "async () => {}")).toThrow(
      'gate must be a function such as async () => {}, got "x"',
    );
  });
});

describe("show", () => {
  it("tells what was given, even if it cannot be read", () => {
    const { proxy, revoke } = Proxy.revocable<unknown[]>([], {});
    revoke();
    expect(show(proxy)).toBe("an object that cannot be read");
    const name = { value: Symbol("no text") };
    expect(show(Object.defineProperty(() => undefined, "name", name))).toBe("a function that cannot be read");
  });
});
