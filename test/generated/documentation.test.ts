import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { recordLayouts } from "../../src/engine/recordLayouts.js";
import { ops } from "../../src/index.js";
import { testEngine } from "../kernel.js";
import { definitionOf, documentedFunctions, families, pages, withTables } from "./operationsPage.js";

const [page, layersPage] = pages.map((file) => readFileSync(file, "utf8")) as [string, string];
const functions = documentedFunctions();

/** Rows, whatever the widths of their columns. */
function rowsOf(text: string): readonly string[] {
  return Array.from(text.matchAll(/^\|.*\|$/gm), ([row]) => row.replaceAll(/ +/g, " ").replaceAll(/-+/g, "-"));
}

describe("docs/operations.md and docs/layers.md", async () => {
  const engine = await testEngine();

  it("are what `npm run docs` makes of the definitions", () => {
    for (const text of [page, layersPage]) expect(rowsOf(text)).toEqual(rowsOf(withTables(text, engine)));
  });

  it("has a table for each family, and every operation is of one", () => {
    const tables = Array.from(page.matchAll(/<!-- operations: (\w+) -->/g), ([, family]) => family!);
    expect(tables.sort()).toEqual([...families].sort());
    const operations = functions.filter(({ family }) => families.includes(family));
    const listed = [...operations.map(({ name }) => name), "custom"];
    expect(listed.sort()).toEqual(Object.keys(ops).sort());
  });

  it.each(functions.map((documented) => [documented.name, documented] as const))(
    "says what %s is, and names inputs and options as its definition does",
    (name, { family, parameters, options, text }) => {
      expect(text).toMatch(/\w.*\./);
      const definition = families.includes(family) ? definitionOf(name) : undefined;
      if (!definition) return;
      const { optionNames } = definition;
      const inputNames = definition.inputNames.filter((input) => !optionNames.includes(input));
      const given = parameters.map((parameter) => parameter.replace("?", ""));
      expect(given.slice(0, inputNames.length)).toEqual(inputNames);
      const further = given.slice(inputNames.length).filter((parameter) => optionNames.includes(parameter));
      if (options.length > 0) expect([...options, ...further].sort()).toEqual([...optionNames].sort());
    },
  );

  it("names each kernel", () => {
    const named = new Set(Array.from(page.matchAll(/`(\w+)`/g), ([, name]) => name));
    expect(Object.keys(recordLayouts).filter((kernel) => !named.has(kernel))).toEqual([]);
  });
});
