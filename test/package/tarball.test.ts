import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, describe, expect, it } from "vitest";
import { pack, root, temporaryFolder } from "../matrix/package.js";

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));
const { path, files, bytes } = await pack(root, folder);
const tarball = readFileSync(path);

interface Manifest {
  readonly exports: Record<string, string | { readonly types: string; readonly default: string }>;
}
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;
const targets = Object.values(manifest.exports).flatMap((target) =>
  typeof target === "string" ? [target] : [target.types, target.default],
);
const entryPoints = Object.entries(manifest.exports).flatMap(([name, target]) =>
  typeof target === "string" ? [] : [name],
);

describe("the tarball", () => {
  it("holds every file that the package exports", () => {
    expect(files).toEqual(expect.arrayContaining(targets.map((target) => target.slice("./".length))));
  });

  it("holds nothing but compiled sources, kernels, documentation, licence and manifest", () => {
    const isWanted = (file: string): boolean =>
      /^(LICENSE|README\.md|package\.json|docs\/[a-z-]+\.md)$/.test(file) ||
      /^build\/wasm\/(simd|relaxed)(-threads)?\.wasm$/.test(file) ||
      /^build\/(wasmgrad\.min\.js|generated\/(constants|instructionNames|records|simd|relaxed)\.(js|d\.ts))$/.test(
        file,
      );
    const isCompiled = (file: string): boolean => {
      const source = /^build\/(.*?)(\.d\.ts|\.js)$/.exec(file)?.[1];
      return source !== undefined && existsSync(join(root, "src", `${source}.ts`));
    };
    expect(files.filter((file) => !isWanted(file) && !isCompiled(file))).toEqual([]);
  });

  it("has at most 780 KB", () => {
    expect(bytes).toBeLessThanOrEqual(780e3);
  });

  it("passes publint without a remark", async () => {
    const data = tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.byteLength);
    const { messages, pkg } = await publint({ pack: { tarball: data }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  it("has types that resolve for each entry point under node16 and bundler", async () => {
    const analysis = await checkPackage(createPackageFromTarballData(new Uint8Array(tarball)), {
      entrypoints: entryPoints,
    });
    if (analysis.types === false) expect.fail("the package has no types");
    // CommonJS may import the package only by import(): it is ESM, and so are its types. TypeScript's "node10" predates
    // `exports`, which subpaths need.
    const modern = analysis.problems.filter((problem) => {
      const resolution = "resolutionKind" in problem ? problem.resolutionKind : undefined;
      return problem.kind !== "CJSResolvesToESM" && resolution !== "node10";
    });
    expect(modern).toEqual([]);
    for (const name of entryPoints) {
      const { resolutions } = analysis.entrypoints[name]!;
      for (const kind of ["node16-esm", "bundler"] as const) {
        expect(resolutions[kind].resolution?.fileName, `${name} under ${kind}`).toMatch(/\.d\.ts$/);
      }
    }
  });
});
