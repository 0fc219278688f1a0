import { describe, expect, it } from "vitest";
import * as api from "../../src/index.js";
import { ArgumentError, createEngine, WasmgradError } from "../../src/index.js";
import { messageOf } from "../../src/engine/index.js";
import type { Call } from "./call.js";
import { rightCalls } from "./calls.js";
import { oddities } from "./oddities.js";
import { publicFunctions } from "./surface.js";

/** What came of a call: what it returned or resolved to, or what it threw or rejected with. */
async function outcomeOf(run: Call["run"], values: readonly unknown[]): Promise<{ error?: unknown }> {
  try {
    await run(...(values as never[]));
    return {};
  } catch (error) {
    return { error };
  }
}

/** Options, written as a literal. */
function isOptions(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** Arguments with one of them, or one option, replaced: by the place that was replaced. */
function* replaced(values: readonly unknown[], by: unknown): Generator<readonly [place: string, values: unknown[]]> {
  for (const [i, value] of values.entries()) {
    yield [String(i), values.with(i, by)];
    if (!isOptions(value)) continue;
    for (const name of Object.keys(value)) yield [`${i}.${name}`, values.with(i, { ...value, [name]: by })];
  }
}

describe("every public function", async () => {
  const engine = await createEngine({ threads: 1, seed: 5 });
  const calls = await rightCalls(engine);
  const strange = oddities(engine);
  const functions = publicFunctions("src/index.ts", api).filter(({ name }) => !/^new .*Error$/.test(name));

  it("has a right call in the table, and the table has no other", () => {
    expect(functions.map(({ name }) => name).sort()).toEqual(Object.keys(calls).sort());
  });

  const cases = Object.entries(calls);

  it.each(cases)("%s takes a right call", async (_, { run, values }) => {
    expect(await outcomeOf(run, values())).toEqual({});
  });

  it.each(cases)("%s refuses wrong kinds in every place on purpose", async (_, { run, values, free = [] }) => {
    const faults: string[] = [];
    for (const [oddity, value] of strange) {
      for (const [place, given] of replaced(values(), value)) {
        const { error } = await outcomeOf(run, given);
        if (free.includes(place) || error === undefined || error instanceof WasmgradError) continue;
        faults.push(`${oddity} in ${place}: ${messageOf(error)}`);
      }
    }
    expect(faults).toEqual([]);
  });

  it.each(cases)("%s ignores nothing: what no parameter takes is refused", async (_, { run, values, free = [] }) => {
    const faults: string[] = [];
    for (const [place, given] of replaced(values(), Symbol("of no use"))) {
      const { error } = await outcomeOf(run, given);
      const isFree = free.some((name) => place === name || place.startsWith(`${name}.`));
      if (!isFree && !(error instanceof WasmgradError)) faults.push(`${place}: ${messageOf(error)}`);
    }
    expect(faults).toEqual([]);
  });

  it.each(cases)("%s refuses an option that it does not have", async (_, { run, values, objects = [] }) => {
    for (const [place, value] of values().entries()) {
      if (!isOptions(value) || objects.includes(String(place))) continue;
      const { error } = await outcomeOf(run, values().with(place, { ...value, ofNoUse: 1 }));
      expect(error).toBeInstanceOf(ArgumentError);
      expect((error as ArgumentError).message).toMatch(/ofNoUse/);
    }
  });
});
