// Rows of pages: what bundlers make of the program, and pages without a bundler, each loaded with and without the headers
// that isolate it.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { build as esbuild, version as esbuildVersion } from "esbuild";
import { build as vite, createServer as createViteServer, version as viteVersion } from "vite";
import { openInBrowser } from "../host/browser.js";
import { filesOf, isolation, serve } from "../host/serve.js";
import type { Chromium } from "./chromium.js";
import { writeCopiedProgram } from "./package.js";
import { run } from "./process.js";
import type { Outcome } from "./program.js";
import { type Group, NotRunError, type Row } from "./row.js";
import { rollup, webpack } from "./versions.js";

/** Brings a page about and loads it, in one of the two ways. */
type LoadPage = (folder: string, isIsolated: boolean, chromium: Chromium) => Promise<Outcome>;

const page = (script: string, head = ""): string =>
  `<!doctype html><meta charset="utf-8">${head}<script type="module" src="${script}"></script>\n`;

/** A page of files that `build` writes into the folder: it returns the name of the script, which the page loads. */
function served(build: (folder: string) => Promise<string> | string, head?: string): LoadPage {
  return async (folder, isIsolated, chromium) => {
    writeFileSync(join(folder, "page.html"), page(`./${await build(folder)}`, head));
    return serve(filesOf(folder), isIsolated, (url) => chromium.load(`${url}page.html`));
  };
}

async function buildWithEsbuild(folder: string): Promise<string> {
  const options = { bundle: true, minify: true, format: "esm", logLevel: "silent" } as const;
  await esbuild({ ...options, absWorkingDir: folder, entryPoints: ["browser.js"], outfile: "esbuild-bundle.js" });
  return "esbuild-bundle.js";
}

async function buildWithVite(folder: string): Promise<string> {
  writeFileSync(join(folder, "index.html"), page("/browser.js"));
  await vite({ root: folder, configFile: false, logLevel: "silent", base: "./" });
  return "dist/index.html";
}

/** Webpack run as its command line would, by a program that lies in the folder. What webpack remarks is an error. */
async function buildWithWebpack(folder: string): Promise<string> {
  const program = `import webpack from "webpack";
const output = { path: import.meta.dirname, filename: "webpack-bundle.js" };
webpack({ mode: "production", entry: "./browser.js", output, performance: { hints: false } }, (error, stats) => {
  if (error) throw error;
  if (stats.hasWarnings() || stats.hasErrors()) throw new Error(stats.toString({ colors: false }));
});
`;
  writeFileSync(join(folder, "build.js"), program);
  await run(process.execPath, ["build.js"], { cwd: folder });
  return "webpack-bundle.js";
}

async function buildWithRollup(folder: string): Promise<string> {
  const configuration = `import { nodeResolve } from "@rollup/plugin-node-resolve";
const output = { file: "rollup-bundle.js", format: "es" };
export default { input: "browser.js", output, plugins: [nodeResolve({ browser: true })] };
`;
  writeFileSync(join(folder, "rollup.config.js"), configuration);
  const bin = join(folder, "node_modules", "rollup", "dist", "bin", "rollup");
  await run(process.execPath, [bin, "--config", "--silent", "--failAfterWarnings"], { cwd: folder });
  return "rollup-bundle.js";
}

async function loadFromViteServer(folder: string, isIsolated: boolean, chromium: Chromium): Promise<Outcome> {
  writeFileSync(join(folder, "index.html"), page("/browser.js"));
  const server = await createViteServer({
    ...{ root: folder, configFile: false, logLevel: "silent" },
    server: { host: "127.0.0.1", port: 0, headers: isIsolated ? isolation : {} },
  });
  try {
    await server.listen();
    return await chromium.load(server.resolvedUrls?.local[0] ?? "");
  } finally {
    await server.close();
  }
}

async function loadViteBuild(folder: string, isIsolated: boolean, chromium: Chromium): Promise<Outcome> {
  const index = await buildWithVite(folder);
  return serve(filesOf(folder), isIsolated, (url) => chromium.load(`${url}${index}`));
}

function copyFile(folder: string): string {
  writeCopiedProgram(folder, "globalThis.outcome = trainAll();");
  return "copied.js";
}

const importMap = `<script type="importmap">${JSON.stringify({
  imports: { wasmgrad: "./node_modules/wasmgrad/build/index.js" },
})}</script>`;

/** Loads the package's one file in Firefox, which posts what it comes to, since nothing drives it here. */
async function loadInFirefox(folder: string, isIsolated: boolean): Promise<Outcome> {
  const post = `fetch("outcome", { method: "POST", body: JSON.stringify(await trainAll()) });`;
  writeCopiedProgram(folder, post);
  writeFileSync(join(folder, "page.html"), page("./copied.js"));
  const open = (url: string, posted: Promise<unknown>): Promise<unknown> =>
    openInBrowser("firefox-esr", `${url}page.html`, posted);
  return (await serve(filesOf(folder), isIsolated, open)) as Outcome;
}

/** The version of Firefox on this machine. Throws NotRunError if there is none. */
async function firefoxVersion(folder: string): Promise<string> {
  try {
    const version = /\d+/.exec(await run("firefox-esr", ["--version"], { cwd: folder }));
    return version?.[0] ?? "?";
  } catch (cause) {
    throw new NotRunError("there is no firefox-esr on the path", { cause });
  }
}

/** The rows of a host that loads pages, with and without the headers that isolate them. */
function isolatedAndNot(host: string, version: string, load: (isIsolated: boolean) => Promise<Outcome>): Row[] {
  const common = { build: "relaxed", files: "StateError: this host has no node:fs/promises" } as const;
  return [
    {
      ...{ host: `${host}, isolated`, version },
      expected: { ...common, threads: 2, threadsReason: "the threads option asked for it" },
      run: () => load(true),
    },
    {
      ...{ host: `${host}, not isolated`, version },
      expected: { ...common, threads: 1, threadsReason: "not cross-origin isolated" },
      run: () => load(false),
    },
  ];
}

const firefox: Group = {
  ...{ name: "Firefox", version: "", tools: [] },
  rows: async (folder) => {
    const host = `Firefox ${await firefoxVersion(folder)}, file copied from the package`;
    return isolatedAndNot(host, "", (isIsolated) => loadInFirefox(folder, isIsolated));
  },
};

/** The groups of pages, all but the first loaded in one Chromium. */
export function pages(chromium: Chromium): readonly Group[] {
  const group = (name: string, version: string, tools: readonly string[], load: LoadPage): Group => ({
    ...{ name, version, tools },
    rows: async (folder) => {
      const host = `Chromium ${(await chromium.version()).split(".")[0] ?? "?"}, ${name}`;
      return isolatedAndNot(host, version, (isIsolated) => load(folder, isIsolated, chromium));
    },
  });
  return [
    firefox,
    group("file copied from the package", "", [], served(copyFile)),
    group(
      "import map",
      "",
      [],
      served(() => "browser.js", importMap),
    ),
    group("esbuild", esbuildVersion, [], served(buildWithEsbuild)),
    group("Vite build", viteVersion, [], loadViteBuild),
    group("Vite server", viteVersion, [], loadFromViteServer),
    group("webpack", webpack.version, [`webpack@${webpack.version}`], served(buildWithWebpack)),
    group(
      "Rollup",
      rollup.version,
      [`rollup@${rollup.version}`, `@rollup/plugin-node-resolve@${rollup.nodeResolve}`],
      served(buildWithRollup),
    ),
  ];
}
