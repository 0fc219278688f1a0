import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import fileSystem from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ArgumentError } from "../../src/engine/index.js";
import { writeFileAtomically } from "../../src/io/index.js";
import { temporaryFolder } from "../data/idx.js";

const parent = temporaryFolder();
const newFolder = (): string => mkdtempSync(join(parent, "save-"));
const bytes = Uint8Array.of(1, 2, 3);
afterEach(() => void vi.restoreAllMocks());

/** Makes the next file opened for writing fail at a step. */
function breakAt(step: "write" | "sync" | "rename" | "chmod" | "close"): void {
  const full = (): never => {
    throw new Error("ENOSPC: no space left on device, whatever '/some/path'");
  };
  if (step === "rename") {
    vi.spyOn(fileSystem, "rename").mockImplementation(full);
    return;
  }
  const { open } = fileSystem;
  vi.spyOn(fileSystem, "open").mockImplementation(async (path, flags, mode) => {
    const file = await open(path, flags, mode);
    const writeFile = file.writeFile.bind(file);
    const close = file.close.bind(file);
    if (step === "write") {
      file.writeFile = async (given) => {
        await writeFile((given as Uint8Array).subarray(0, 2));
        full();
      };
    }
    if (step === "sync") file.sync = () => Promise.reject(new Error("ENOSPC: no space left on device"));
    if (step === "chmod") file.chmod = full;
    if (step === "close") {
      file.close = async () => {
        await close();
        full();
      };
    }
    return file;
  });
}

describe("writeFileAtomically", () => {
  it("creates a file, then replaces it, leaving nothing else", async () => {
    const folder = newFolder();
    const path = join(folder, "model");
    await writeFileAtomically(path, bytes);
    await writeFileAtomically(path, Uint8Array.of(4, 5));
    expect([...readFileSync(path)]).toEqual([4, 5]);
    expect(readdirSync(folder)).toEqual(["model"]);
    await writeFileAtomically(path, new Uint8Array());
    expect(readFileSync(path).length).toBe(0);
  });

  it("takes a URL that begins with file:, and no other", async () => {
    const path = join(newFolder(), "a model.safetensors");
    await writeFileAtomically(pathToFileURL(path), bytes);
    expect([...readFileSync(path)]).toEqual([1, 2, 3]);
    for (const wrong of [new URL("https://example.org/model"), 5, undefined, null, bytes]) {
      await expect(writeFileAtomically(wrong as never, bytes)).rejects.toThrow(ArgumentError);
    }
  });

  it("finds a relative path from the folder that the process works in", async () => {
    const folder = newFolder();
    const before = process.cwd();
    process.chdir(folder);
    try {
      await writeFileAtomically("model", bytes);
    } finally {
      process.chdir(before);
    }
    expect(readdirSync(folder)).toEqual(["model"]);
  });

  it.each(["write", "sync", "rename", "chmod", "close"] as const)(
    "leaves the old file as it was, and no other, when the %s fails, and says why",
    async (step) => {
      const folder = newFolder();
      const path = join(folder, "model");
      writeFileSync(path, "the old model");
      // More than the process gives to new files.
      chmodSync(path, 0o666);
      breakAt(step);
      const writing = writeFileAtomically(path, new Uint8Array(100));
      await expect(writing).rejects.toThrow(ArgumentError);
      await expect(writing).rejects.toThrow(new ArgumentError(`cannot write ${path}: ENOSPC: no space left on device`));
      expect(readFileSync(path, "utf8")).toBe("the old model");
      expect(readdirSync(folder)).toEqual(["model"]);
    },
  );

  it("says why the writing failed, not that what it wrote could not be removed", async () => {
    const path = join(newFolder(), "model");
    breakAt("rename");
    vi.spyOn(fileSystem, "rm").mockRejectedValue(new Error("EBUSY: resource busy"));
    await expect(writeFileAtomically(path, bytes)).rejects.toThrow("ENOSPC");
  });

  it("keeps the mode of the file that it replaces, never giving more rights meanwhile", async () => {
    const path = join(newFolder(), "model");
    const open = vi.spyOn(fileSystem, "open");
    for (const mode of [0o600, 0o640, 0o755, 0o666]) {
      writeFileSync(path, "old");
      chmodSync(path, mode);
      await writeFileAtomically(path, bytes);
      expect((statSync(path).mode & 0o7777).toString(8)).toBe(mode.toString(8));
      expect(open.mock.lastCall![2]).toBe(mode);
    }
  });

  it("gives a new file the rights that new files have", async () => {
    const folder = newFolder();
    writeFileSync(join(folder, "usual"), "");
    await writeFileAtomically(join(folder, "model"), bytes);
    expect(statSync(join(folder, "model")).mode).toBe(statSync(join(folder, "usual")).mode);
  });

  it("replaces what a symbolic link points to, and leaves the link", async () => {
    const folder = newFolder();
    mkdirSync(join(folder, "a"));
    mkdirSync(join(folder, "b"));
    const link = join(folder, "a", "link");
    symlinkSync("../b/model", link);
    symlinkSync("link", join(folder, "a", "second"));
    symlinkSync("a", join(folder, "folder"));
    // First the links dangle.
    for (const path of [link, join(folder, "a", "second"), join(folder, "folder", "second")]) {
      await writeFileAtomically(path, bytes);
      expect([...readFileSync(join(folder, "b", "model"))]).toEqual([1, 2, 3]);
      writeFileSync(join(folder, "b", "model"), "old");
    }
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readdirSync(join(folder, "a"))).toEqual(["link", "second"]);
    expect(readdirSync(join(folder, "b"))).toEqual(["model"]);
  });

  it("follows links from a folder that is a link itself to where that is", async () => {
    const folder = newFolder();
    mkdirSync(join(folder, "deep", "er"), { recursive: true });
    symlinkSync("deep/er", join(folder, "short"));
    symlinkSync("../model", join(folder, "deep", "er", "link"));
    await writeFileAtomically(join(folder, "short", "link"), bytes);
    expect(readdirSync(join(folder, "deep")).toSorted()).toEqual(["er", "model"]);
  });

  it("takes names up to the limit of the file system, of letters of any length", async () => {
    const folder = newFolder();
    for (const name of ["x".repeat(255), `${"ä".repeat(127)}x`]) {
      await writeFileAtomically(join(folder, name), bytes);
      expect([...readFileSync(join(folder, name))]).toEqual([1, 2, 3]);
    }
    expect(readdirSync(folder).length).toBe(2);
  });

  describe("says the path and the reason of", () => {
    const folder = newFolder();
    writeFileSync(join(folder, "file"), "as it was");
    mkdirSync(join(folder, "folder"));
    symlinkSync("loop", join(folder, "loop"));
    symlinkSync("folder", join(folder, "link to a folder"));
    symlinkSync("absent/model", join(folder, "dangling"));
    it.each([
      ["a folder that is not there", "absent/model", "ENOENT: no such file or directory"],
      ["a folder in the place of a file", "folder", "EISDIR: it is a directory"],
      ["a link to a folder", "link to a folder", "EISDIR: it is a directory"],
      ["a path that ends like a folder", "new/", /ENOTDIR|EISDIR|ENOENT/],
      ["the folder itself", ".", "EISDIR: it is a directory"],
      ["a file in the place of a folder", "file/model", "ENOTDIR: not a directory"],
      ["a loop of links", "loop", /ELOOP/],
      ["a link into a folder that is not there", "dangling", "ENOENT"],
      ["a name that is too long", "x".repeat(256), "ENAMETOOLONG: name too long"],
      ["a path that is too long", "x/".repeat(3000), "ENAMETOOLONG: name too long"],
    ])("%s", async (_, name, reason) => {
      const path = `${folder}/${name}`;
      const before = readdirSync(folder);
      const writing = writeFileAtomically(path, bytes);
      await expect(writing).rejects.toThrow(ArgumentError);
      await expect(writing).rejects.toThrow(`cannot write ${path}: `);
      await expect(writing).rejects.toThrow(reason);
      expect(readdirSync(folder)).toEqual(before);
      expect(readFileSync(join(folder, "file"), "utf8")).toBe("as it was");
    });

    it("NUL in a path, which it shows by its code", async () => {
      const writing = writeFileAtomically(`${folder}/a\0b`, bytes);
      await expect(writing).rejects.toThrow(ArgumentError);
      await expect(writing).rejects.toThrow(`cannot write ${folder}/a\\u0000b: `);
    });

    it("an empty path", async () => {
      await expect(writeFileAtomically("", bytes)).rejects.toThrow(/cannot write : ENOENT/);
    });

    it("a device, which it does not replace", async () => {
      await expect(writeFileAtomically("/dev/null", bytes)).rejects.toThrow("/dev/null: it is no regular file");
      expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
    });

    it.each(["access", "open", "lstat", "rename"] as const)("rights that %s finds missing", async (call) => {
      const path = join(folder, "file");
      const denied = Object.assign(new Error(`EACCES: permission denied, ${call} '${path}'`), { code: "EACCES" });
      vi.spyOn(fileSystem, call).mockRejectedValue(denied);
      await expect(writeFileAtomically(path, bytes)).rejects.toThrow(
        new ArgumentError(`cannot write ${path}: EACCES: permission denied`),
      );
      expect(readFileSync(path, "utf8")).toBe("as it was");
    });
  });

  it("leaves one of several files that are written to a path at once, whole, and nothing else", async () => {
    const folder = newFolder();
    const path = join(folder, "model");
    const contents = Array.from({ length: 8 }, (_, i) => new Uint8Array(300_000).fill(i));
    await Promise.all(contents.map((content) => writeFileAtomically(path, content)));
    const found = readFileSync(path);
    expect(found.length).toBe(300_000);
    expect(new Set(found).size).toBe(1);
    expect(readdirSync(folder)).toEqual(["model"]);
  });
});
