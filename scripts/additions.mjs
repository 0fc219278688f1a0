// npm run additions: makes each of the worked examples of docs/architecture.md in a copy of the tree, counts the files that it
// touches, builds what it needs, checks types, and runs the tests that the addition gets. `npm run additions optimizer` makes one.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { additions, apply, changesOf, excessOf } from "./patches.mjs";

const root = resolve(import.meta.dirname, "..");
/** Tests that look at all there is of a kind, so that an addition is missed if it is not where it belongs. */
const enumerations = ["has a row for each operation", "names each kernel", "has a right call in the table"];
const testFiles = ["test/generated", "test/api", "test/training/trajectory.test.ts"];
const left = new Set(["node_modules", ".git", "examples/demo/dist"]);

const wanted = process.argv.slice(2);
const chosen = additions.filter(({ patch }) => wanted.length === 0 || wanted.includes(patch));
const unknown = wanted.filter((name) => !additions.some(({ patch }) => patch === name));
if (unknown.length > 0) {
  console.error(`there is no addition ${unknown.join(", ")}: write ${additions.map(({ patch }) => patch).join(", ")}`);
  process.exit(1);
}

const rows = [["addition", "source", "its layer", "documentation", "tests", "result"]];
let isBroken = false;
for (const addition of chosen) {
  const changes = changesOf(root, addition);
  const faults = [...excessOf(addition, changes)];
  const { passed, fault } = tried(addition, changes);
  if (fault) faults.push(fault);
  isBroken ||= faults.length > 0;
  const cell = (kind) => {
    const files = changes.filter((change) => change.kind === kind);
    const lines = files.reduce((sum, change) => sum + change.lines.length, 0);
    return files.length === 0 ? "" : `${files.length} (+${lines})`;
  };
  const result = faults.join("; ") || `${passed} tests pass`;
  rows.push([
    `${addition.patch} (${addition.name})`,
    ...["source", "layer", "documentation", "test"].map(cell),
    result,
  ]);
}
console.log("Files that each addition touches, and the lines that it adds to them:\n");
const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
for (const row of rows)
  console.log(
    row
      .map((text, column) => text.padEnd(widths[column]))
      .join("  ")
      .trimEnd(),
  );
process.exitCode = isBroken ? 1 : 0;

/** Makes an addition in a copy of the tree. */
function tried(addition, changes) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "addition-")));
  try {
    const filter = (path) => !left.has(relative(root, path).replaceAll("\\", "/"));
    cpSync(root, folder, { recursive: true, filter });
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
    try {
      apply(root, folder, addition);
    } catch (error) {
      return { fault: `does not apply: ${error.stderr}` };
    }
    return checked(folder, addition, changes);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function checked(folder, { patch, name }, changes) {
  const bin = (path, ...options) => [process.execPath, join(folder, "node_modules", path), ...options];
  const paths = changes.map(({ path }) => path);
  const hasKernel = paths.some((path) => path.startsWith("assembly/"));
  const report = join(folder, "report.json");
  const pattern = [`\\b${name}\\b`, ...enumerations].join("|");
  const steps = [
    ...(hasKernel ? [["build of the kernels", ["npm", "run", "-s", "build:wasm"]]] : []),
    ["format", bin("prettier/bin/prettier.cjs", "--check", ...paths)],
    ["types", bin("typescript/bin/tsc", "-p", "tsconfig.json", "--noEmit")],
    [
      "rules",
      bin("eslint/bin/eslint.js", "--max-warnings", "0", ...paths.filter((path) => /^(src|test)\//.test(path))),
    ],
    [
      "tests",
      bin("vitest/vitest.mjs", "run", ...testFiles, "-t", pattern, "--reporter=json", `--outputFile=${report}`),
    ],
  ];
  for (const [what, [command, ...options]] of steps) {
    console.error(`${patch}: ${what}`);
    const isShell = process.platform === "win32" && command === "npm";
    const { status, stdout, stderr } = spawnSync(command, options, { cwd: folder, encoding: "utf8", shell: isShell });
    if (status === 0) continue;
    console.error(stdout + stderr);
    return { fault: `${what} failed` };
  }
  const { testResults } = JSON.parse(readFileSync(report, "utf8"));
  const titles = testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status === "passed").map(({ fullName }) => fullName),
  );
  const own = titles.filter((title) => new RegExp(`\\b${name}\\b`).test(title));
  return own.length > 0 ? { passed: own.length } : { fault: `no test is called ${name}` };
}
