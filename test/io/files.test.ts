import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import fileSystem from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ArgumentError } from "../../src/engine/index.js";
import { readFile, writeFileAtomically } from "../../src/io/index.js";
import { temporaryFolder } from "../data/idx.js";

/** Makes the next file opened for writing fail at a step. */
function breakAt(step: "write" | "sync" | "rename"): void {
  const full = (): never => {
    throw new Error("ENOSPC: no space left on device");
  };
  if (step === "rename") {
    vi.spyOn(fileSystem, "rename").mockImplementation(full);
    return;
  }
  const { open } = fileSystem;
  vi.spyOn(fileSystem, "open").mockImplementation(async (path, flags) => {
    const file = await open(path, flags);
    const writeFile = file.writeFile.bind(file);
    if (step === "write") {
      file.writeFile = async (bytes) => {
        await writeFile((bytes as Uint8Array).subarray(0, 2));
        full();
      };
    }
    if (step === "sync") file.sync = () => Promise.reject(new Error("EIO: i/o error"));
    return file;
  });
}

describe("writeFileAtomically", () => {
  const folder = temporaryFolder();
  const path = join(folder, "model");
  afterEach(() => void vi.restoreAllMocks());

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
      breakAt(step);
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
