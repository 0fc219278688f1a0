// What the matrix runs the package in, beyond this Node and the repository's own development dependencies: packages of
// npm, each of one version. Runtimes come as the packages that hold nothing but the binary for one platform, so that no
// install script has to run.
const { platform, arch } = process;

export interface Runtime {
  readonly version: string;
  readonly package: string;
  /** Path of the binary in the package. */
  readonly binary: string;
}

const node = (version: string): Runtime => ({ version, package: `node-${platform}-${arch}`, binary: "bin/node" });

export const nodes = [node("22.23.3"), node("24.21.0"), node("26.10.0")];

export const deno: Runtime = {
  version: "2.9.6",
  package: `@deno/${platform}-${arch}${platform === "linux" ? "-glibc" : ""}`,
  binary: "deno",
};

export const bun: Runtime = {
  version: "1.4.5",
  package: `@oven/bun-${platform}-${arch === "arm64" ? "aarch64" : arch}`,
  binary: "bin/bun",
};

export const workerd: Runtime = {
  version: "1.20261117.1",
  package: `@cloudflare/workerd-${platform}-${arch === "x64" ? "64" : arch}`,
  binary: "bin/workerd",
};

export const webpack = { version: "5.112.2" };
export const rollup = { version: "4.68.7", nodeResolve: "16.0.3" };
