import { execFile } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { freshFolder, packWasmgrad, root } from "../matrix/package.js";

const folder = freshFolder();
afterAll(() => rmSync(folder, { recursive: true }));

interface Manifest {
  readonly scripts?: Readonly<Record<string, string>>;
  readonly allowScripts?: Readonly<Record<string, boolean>>;
}
interface Lock {
  readonly packages: Readonly<Record<string, { readonly hasInstallScript?: boolean }>>;
}
const read = (...path: string[]): unknown => JSON.parse(readFileSync(join(...path), "utf8"));

describe("npm install of the tarball", () => {
  it("prints no warning, scripts allowed, and brings the built package", async () => {
    const wasmgrad = await packWasmgrad(folder);
    const options = ["--offline", "--no-audit", "--no-fund", "--engine-strict", "--no-update-notifier"];
    const args = ["install", ...options, wasmgrad.path];
    const { stdout, stderr } = await promisify(execFile)("npm", args, { cwd: folder, timeout: 60_000 });
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^\s*added 1 package/);
    expect(existsSync(join(folder, "node_modules/wasmgrad/build/index.js"))).toBe(true);
    // Whatever of these a package from a tarball has, npm 11 warns of.
    const { scripts = {} } = read(folder, "node_modules/wasmgrad/package.json") as Manifest;
    expect(Object.keys(scripts).filter((name) => /^(preinstall|install|postinstall|prepare)$/.test(name))).toEqual([]);
  });
});

describe("npm ci of a checkout", () => {
  it("has an answer to every package that brings install scripts, so that npm does not ask", () => {
    const { packages } = read(root, "package-lock.json") as Lock;
    const withScripts = Object.entries(packages).filter(([, { hasInstallScript }]) => hasInstallScript);
    const names = withScripts.map(([path]) => path.replace(/^.*node_modules\//, ""));
    expect(Object.keys((read(root, "package.json") as Manifest).allowScripts ?? {}).sort()).toEqual(names.sort());
  });
});
