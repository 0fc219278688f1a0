import { defineConfig } from "vitest/config";

/** What needs browsers, other engines or downloads: `npm run test:matrix`. */
export default defineConfig({
  test: { include: ["test/matrix/**/*.test.ts"], testTimeout: 300_000, fileParallelism: false },
});
