import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import type * as FileSystem from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ArgumentError } from "../../src/engine/index.js";
import { readFile, writeFileAtomically } from "../../src/io/index.js";
import { temporaryFolder } from "../data/idx.js";

/** What the next file opened for writing does wrong. */
let failure: "write" | "sync" | "rename" | undefined;

vi.mock("node:fs/promises", async (importOriginal) => {
  const original = await importOriginal<typeof FileSystem>();
  const full = (): never => {
    throw new Error("ENOSPC: no space left on device");
  };
  return {
    ...original,
    open: async (path: string, flags: string): Promise<FileSystem.FileHandle> => {
      const file = await original.open(path, flags);
      const writeFile = file.writeFile.bind(file);
      if (failure === "write") {
        file.writeFile = async (bytes) => {
          await writeFile((bytes as Uint8Array).subarray(0, 2));
          full();
        };
      }
      if (failure === "sync") file.sync = () => Promise.reject(new Error("EIO: i/o error"));
      return file;
    },
    rename: (from: string, to: string): Promise<void> => (failure === "rename" ? full() : original.rename(from, to)),
  };
});

describe("writeFileAtomically", () => {
  const folder = temporaryFolder();
  const path = join(folder, "model");
  afterEach(() => {
    failure = undefined;
  });

  it("creates a file, then replaces it, leaving nothing else", async () => {
    await writeFileAtomically(path, Uint8Array.of(1, 2, 3));
    await writeFileAtomically(path, Uint8Array.of(4, 5));
    expect([...readFileSync(path)]).toEqual([4, 5]);
    expect(readdirSync(folder)).toEqual(["model"]);
    await writeFileAtomically(path, new Uint8Array());
    expect(readFileSync(path).length).toBe(0);
  });

  it.each(["write", "sync", "rename"] as const)(
    "leaves the old file as it was, and no other, when the %s fails",
    async (step) => {
      writeFileSync(path, "the old model");
      failure = step;
      const writing = writeFileAtomically(path, new Uint8Array(100));
      await expect(writing).rejects.toThrow(ArgumentError);
      await expect(writing).rejects.toThrow(`cannot write ${path}: E`);
      expect(readFileSync(path, "utf8")).toBe("the old model");
      expect(readdirSync(folder)).toEqual(["model"]);
    },
  );

  it("names the path where the folder does not exist", async () => {
    const absent = join(folder, "absent", "model");
    await expect(writeFileAtomically(absent, new Uint8Array(1))).rejects.toThrow(`cannot write ${absent}: ENOENT`);
  });
});

describe("readFile", () => {
  const folder = temporaryFolder();

  it("gives the bytes", async () => {
    writeFileSync(join(folder, "bytes"), Uint8Array.of(0, 255, 7));
    expect(await readFile(join(folder, "bytes"))).toEqual(Uint8Array.of(0, 255, 7));
  });

  it("names a path that cannot be read", async () => {
    await expect(readFile(join(folder, "absent"))).rejects.toThrow(`cannot read ${join(folder, "absent")}: ENOENT`);
    await expect(readFile(folder)).rejects.toThrow(ArgumentError);
  });
});
