// Runs the tests of kernels, engine and training in the newest Node of the matrix, which has relaxed SIMD: there they run
// on the `relaxed` build too, and 200 steps must end in the golden bytes as they do in the Node at hand.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { freshFolder, root } from "./package.js";
import { binaryOf, run } from "./process.js";
import { NotRunError } from "./row.js";
import { nodes } from "./versions.js";

const suites = ["assembly", "ops", "engine", "training", "reproducibility"].map((folder) => `test/${folder}/`);
const newest = nodes.at(-1)!;
const folder = freshFolder();
try {
  const tool = `${newest.package}@${newest.version}`;
  await run("npm", ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", tool], {
    cwd: folder,
  }).catch((cause: unknown) => {
    throw new NotRunError(`npm cannot install ${tool}`, { cause });
  });
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  const child = spawn(await binaryOf(newest, folder), [vitest, "run", ...suites], { cwd: root, stdio: "inherit" });
  const [code] = (await once(child, "exit")) as [number | null];
  process.exitCode = code ?? 1;
} catch (error) {
  if (!(error instanceof NotRunError)) throw error;
  process.stdout.write(`Node ${newest.version} not run: ${error.message}\n`);
} finally {
  rmSync(folder, { recursive: true });
}
