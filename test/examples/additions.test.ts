import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { type Addition, additions, apply, changesOf, copyChanged, excessOf } from "../../scripts/patches.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Does something with a folder that is no repository, where an addition was made. */
function withAddition(addition: Addition, use: (folder: string) => void): void {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "addition-")));
  try {
    copyChanged(root, folder, changesOf(root, addition));
    apply(root, folder, addition);
    use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("the worked examples of docs/architecture.md", () => {
  it("are all the patches of examples/additions", () => {
    const files = readdirSync(join(root, "examples/additions"));
    expect(files.sort()).toEqual(additions.map(({ patch }) => `${patch}.patch`).sort());
  });

  it("are what the page shows of them, line by line", () => {
    const page = readFileSync(join(root, "docs/architecture.md"), "utf8");
    const [section] = /^## Adding to it\n.*?^## /ms.exec(page) ?? [""];
    const shown = Array.from(section.matchAll(/^```\n(.*?)^```$/gms), ([, code]) => code!.split("\n")).flat();
    const plain = (line: string): string => line.replaceAll("/* @__PURE__ */ ", "").trim();
    const added = new Set(
      additions.flatMap((addition) => changesOf(root, addition)).flatMap(({ lines }) => lines.map(plain)),
    );
    expect(shown.length).toBeGreaterThan(20);
    expect(shown.map(plain).filter((line) => line !== "…" && !added.has(line))).toEqual([]);
  });

  describe.each(additions.map((addition) => [addition.patch, addition] as const))("%s", (_, addition) => {
    const changes = changesOf(root, addition);

    it("applies to the tree as it is, and every line that it adds is there", () => {
      withAddition(addition, (folder) => {
        for (const { path, lines } of changes) {
          const now = readFileSync(join(folder, path), "utf8").split("\n");
          expect(lines.filter((line) => !now.includes(line))).toEqual([]);
        }
      });
    });

    it("touches no more files than is promised", () => {
      expect(excessOf(addition, changes)).toEqual([]);
    });

    it("is seen to touch more where it does", () => {
      const further = [
        { path: "src/ops/index.ts", kind: "source" as const, lines: [] },
        { path: "src/ops/further.ts", kind: "source" as const, lines: [] },
        { path: "src/ops/another.ts", kind: "source" as const, lines: [] },
        ...["further", "another", "third"].map((name) => ({
          ...{ path: `src/layers/${name}.ts`, kind: "layer" as const, lines: Array<string>(30).fill("const one = 1;") },
        })),
      ];
      expect(excessOf(addition, [...changes, ...further]).length).toBe(3);
    });
  });
});
