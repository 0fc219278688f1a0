import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    execArgv: ["--expose-gc"],
    include: ["test/**/*.test.ts"],
    exclude: ["test/browser/**", "test/matrix/**"],
    testTimeout: 60_000,
  },
});
