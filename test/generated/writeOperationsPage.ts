import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { format, resolveConfig } from "prettier";
import { testEngine } from "../kernel.js";
import { pages, withTables } from "./operationsPage.js";

// npm run docs: writes the tables of docs/operations.md and docs/layers.md.

const engine = await testEngine();
for (const page of pages) {
  const text = withTables(readFileSync(page, "utf8"), engine);
  const options = await resolveConfig(page);
  writeFileSync(page, await format(text, { ...options, filepath: fileURLToPath(page) }));
}
