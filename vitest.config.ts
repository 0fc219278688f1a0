import { defineConfig } from "vitest/config";

/** Tests that measure time, processor time or memory, and would measure others beside them. */
const alone = [
  "test/bench/**/*.test.ts",
  "test/engine/{leaks,threads}.test.ts",
  "test/graph/planner.test.ts",
  "test/memory/**/*.test.ts",
  "test/ops/options.test.ts",
];
const elsewhere = ["test/browser/**", "test/matrix/**"];

export default defineConfig({
  test: {
    execArgv: ["--expose-gc"],
    testTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: "together",
          include: ["test/**/*.test.ts"],
          exclude: [...elsewhere, ...alone],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      { extends: true, test: { name: "alone", include: alone, maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
  },
});
