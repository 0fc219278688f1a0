// The worked examples of docs/architecture.md, and how many files each may touch.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * `files` of source at most, its index included, and `layers` for the line of its layer, or of what a trainer takes. Tests whose
 * names have the word `name` hold the addition.
 */
export const additions = [
  { patch: "composedActivation", name: "squareplus", files: 1, layers: 1 },
  { patch: "layerWithState", name: "layerScale", files: 0, layers: 24, layerFiles: 2 },
  { patch: "operationWithKernel", name: "cube", files: 3, layers: 0 },
  { patch: "optimizer", name: "signum", files: 1, layers: 0 },
  { patch: "loss", name: "logCosh", files: 1, layers: 1 },
];

export function pathOf(root, { patch }) {
  return join(root, "examples", "additions", `${patch}.patch`);
}

/** What a patch changes: of each file its path, what kind it is of, and the lines that are added. */
export function changesOf(root, addition) {
  const text = readFileSync(pathOf(root, addition), "utf8");
  return text
    .split(/^diff --git /m)
    .slice(1)
    .map((part) => {
      const path = /^a\/\S+ b\/(\S+)/.exec(part)[1];
      const lines = [...part.matchAll(/^\+(?!\+\+ )(.*)$/gm)].map(([, line]) => line);
      return { path, kind: kindOf(path), lines };
    });
}

function kindOf(path) {
  if (path.startsWith("docs/")) return "documentation";
  if (path.startsWith("test/")) return "test";
  return /^src\/(layers|losses)\//.test(path) ? "layer" : "source";
}

/** How a patch breaks its promise: [] if it keeps it. */
export function excessOf(addition, changes) {
  const count = (kind) => changes.filter((change) => change.kind === kind).length;
  const statements = changes
    .filter(({ kind }) => kind === "layer")
    .flatMap(({ lines }) => lines.filter((line) => !/^\s*(\/\*\*|\*|\/\/|$)/.test(line)));
  return [
    ["files of source", count("source"), addition.files],
    ["files of layers", count("layer"), addition.layerFiles ?? addition.layers],
    ["lines of a layer", statements.length, addition.layers],
  ].flatMap(([what, found, promised]) => (found > promised ? `${found} ${what}, promised ${promised}` : []));
}

/** Copies the files that a patch changes from one folder to another. */
export function copyChanged(root, folder, changes) {
  for (const { path } of changes) {
    if (existsSync(join(root, path))) cpSync(join(root, path), join(folder, path));
  }
}

/** Applies a patch to a folder, which need not be a repository. Throws if it does not fit. */
export function apply(root, folder, addition) {
  // Above the folder Git must not find a repository: it would leave out what lies outside of the folder's place in that.
  const env = { ...process.env, GIT_CEILING_DIRECTORIES: dirname(folder) };
  execFileSync("git", ["apply", pathOf(root, addition)], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
}
