import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { afterAll, describe, expect, it } from "vitest";
import { temporaryFolder, writeTinyMnist } from "../data/idx.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The TypeScript of a page: its ```ts blocks, one after another. */
function codeOf(page: string): string {
  const markdown = readFileSync(join(root, page), "utf8");
  return Array.from(markdown.matchAll(/^```ts\n(.*?)^```$/gms), ([, code]) => code).join("\n");
}

/** What the type checker says about a file of this project, with the project's options. */
function diagnose(file: string): string[] {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), (path) => ts.sys.readFile(path)) as {
    config: object;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const program = ts.createProgram([file], options);
  return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}

describe.each(["README.md", "docs/guide.md", "docs/operations.md"])("the code in %s", (page) => {
  // It must lie inside the package, so that it can import it by its name.
  const folder = join(root, "build", "documentation");
  const file = join(folder, page.replace(/\W/g, "-") + ".ts");
  const workingFolder = temporaryFolder();
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, codeOf(page));
  afterAll(() => rmSync(file));

  it("passes the type checker", () => {
    expect(codeOf(page)).not.toBe("");
    expect(diagnose(file)).toEqual([]);
  });

  it("runs", () => {
    mkdirSync(join(workingFolder, "mnist"));
    writeTinyMnist(join(workingFolder, "mnist"));
    const tsx = join(root, "node_modules", "tsx", "dist", "cli.mjs");
    const output = execFileSync(process.execPath, [tsx, file], { cwd: workingFolder, encoding: "utf8" });
    expect(output).not.toBe("");
    expect(output).not.toContain("NaN");
    const saved = join(workingFolder, "digits.safetensors");
    if (codeOf(page).includes(".save(")) expect(readFileSync(saved).length).toBeGreaterThan(0);
  });
});
