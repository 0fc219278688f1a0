import { readFileSync, writeFileSync } from "node:fs";
import { format, resolveConfig } from "prettier";
import { fileURLToPath } from "node:url";
import { testEngine } from "../kernel.js";
import { operationsPage, pageFile } from "./operationsPage.js";

// npm run docs: writes docs/operations.md.

const engine = await testEngine();
const page = operationsPage(readFileSync(pageFile, "utf8"), engine);
const options = await resolveConfig(pageFile);
writeFileSync(pageFile, await format(page, { ...options, filepath: fileURLToPath(pageFile) }));
