import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import * as api from "../../src/index.js";

const page = readFileSync(new URL("../../docs/coming-from.md", import.meta.url), "utf8");
/** Of the table what this library calls things: the last column. */
const own = Array.from(page.matchAll(/^\|.*\|([^|]*)\|$/gm), ([, cell]) => cell!).join("\n");
const names = [
  ...Array.from(own.matchAll(/\b(?:nn|ops|losses|optim|safetensors)(?:\.\w+)+/g), ([name]) => name),
  ...Array.from(page.matchAll(/`((?:nn|losses|optim|ops)(?:\.\w+)+)/g), ([, name]) => name!).filter((name) =>
    page.slice(page.indexOf("## Habits")).includes(name),
  ),
];

it.each([...new Set(names)])("docs/coming-from.md names %s, which is there", (name) => {
  const found = name.split(".").reduce<unknown>((at, key) => (at as Readonly<Record<string, unknown>>)[key], api);
  expect(found).toBeTypeOf("function");
});
