import { defineConfig } from "vitest/config";

// Tests that need a browser and the built page; `npm test` does without them.
export default defineConfig({
  test: {
    include: ["test/browser/**/*.test.ts"],
    testTimeout: 150_000,
    hookTimeout: 120_000,
    // Frames are counted: files must not take each other's cores.
    fileParallelism: false,
  },
});
