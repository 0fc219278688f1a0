import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { digits } from "./digitsPlugin.js";

/** They let a page share memory between threads. */
export const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  // Relative, so that the built page works under any path.
  base: "./",
  plugins: [digits()],
  resolve: { alias: { wasmgrad: fileURLToPath(new URL("../../src/index.ts", import.meta.url)) } },
  worker: { format: "es" },
  build: { outDir: "dist", emptyOutDir: true, target: "es2022", chunkSizeWarningLimit: 1000 },
  server: { host: "127.0.0.1", headers: isolation },
  preview: { host: "127.0.0.1", headers: isolation },
});
