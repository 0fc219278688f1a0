// Rows of runtimes that run a program from its files: Node, Deno, Bun.
import { probeHost } from "../../src/engine/index.js";
import { withThreads } from "./expectations.js";
import { binaryOf, runProgram } from "./process.js";
import type { Group } from "./row.js";
import { bun, deno, nodes, type Runtime } from "./versions.js";

const thisNode: Group = {
  ...{ name: "Node at hand", version: process.versions.node, tools: [] },
  rows: (folder) => [
    {
      ...{ host: "Node at hand", version: process.versions.node },
      expected: { ...withThreads, build: probeHost().relaxed ? "relaxed" : "simd" },
      run: () => runProgram(process.execPath, ["main.js"], folder),
    },
  ],
};

function group(name: string, runtime: Runtime, args: readonly string[]): Group {
  const { version } = runtime;
  return {
    ...{ name, version, tools: [`${runtime.package}@${version}`] },
    rows: (folder) => [
      {
        ...{ host: name, version, expected: { ...withThreads, build: "relaxed" } },
        run: async () => runProgram(await binaryOf(runtime, folder), args, folder),
      },
    ],
  };
}

export const runtimes: readonly Group[] = [
  thisNode,
  ...nodes.map((node) => group("Node", node, ["main.js"])),
  // What Deno asks permission for: the package itself and the file that the program saves.
  group("Deno", deno, ["run", "--no-prompt", "--allow-read=.", "--allow-write=.", "main.js"]),
  group("Bun", bun, ["run", "main.js"]),
];
