import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { ArgumentError } from "../../src/engine/index.js";
import { listFolder, readFile, readSource } from "../../src/io/index.js";
import { detached, inOtherRealm } from "../arrays.js";
import { temporaryFolder } from "../data/idx.js";

const parent = temporaryFolder();

describe("readFile", () => {
  const folder = parent;

  it("gives the bytes", async () => {
    writeFileSync(join(folder, "bytes"), Uint8Array.of(0, 255, 7));
    expect(await readFile(join(folder, "bytes"))).toEqual(Uint8Array.of(0, 255, 7));
  });

  it("names a path that cannot be read", async () => {
    await expect(readFile(join(folder, "absent"))).rejects.toThrow(`cannot read ${join(folder, "absent")}: ENOENT`);
    await expect(readFile(folder)).rejects.toThrow(ArgumentError);
  });

  it.each(["a\0b", "x".repeat(300), "/dev/null/x"])("names the path %j, however wrong", async (name) => {
    await expect(readFile(name)).rejects.toThrow(ArgumentError);
    await expect(readFile(name)).rejects.toThrow(`cannot read ${name.replace("\0", "\\u0000")}: `);
  });
});

describe("listFolder", () => {
  it("gives the names, and names a folder that cannot be read", async () => {
    const folder = mkdtempSync(join(parent, "list-"));
    writeFileSync(join(folder, "a"), "");
    expect(await listFolder(folder)).toEqual(["a"]);
    expect(await listFolder(pathToFileURL(folder))).toEqual(["a"]);
    await expect(listFolder(join(folder, "a"))).rejects.toThrow(ArgumentError);
    await expect(listFolder(join(folder, "a"))).rejects.toThrow(`cannot read the folder ${join(folder, "a")}: ENOTDIR`);
  });
});

describe("readSource", () => {
  const path = join(parent, "a file");
  const content = Uint8Array.of(1, 2, 3);
  writeFileSync(path, content);

  it.each([
    ["a path", path, path],
    ["a URL", pathToFileURL(path), path],
    ["bytes", content, "the given bytes"],
    ["a Node Buffer", Buffer.of(0, 1, 2, 3).subarray(1), "the given bytes"],
    ["an ArrayBuffer", content.buffer, "the given bytes"],
    ["a DataView of another realm", inOtherRealm(() => new DataView(Uint8Array.of(1, 2, 3).buffer)), "the given bytes"],
    ["a Blob", new Blob([content]), "the given bytes"],
    ["a File", new File([content], "upload.idx"), "upload.idx"],
    ["a File without a name", new File([content], ""), "the given bytes"],
  ])("reads %s, and knows what to call it", async (_, source, name) => {
    expect(await readSource(source)).toEqual({ bytes: content, name });
    expect(await readSource(source, "another")).toEqual({ bytes: content, name: "another" });
  });

  it.each([
    ["a URL of another kind", new URL("https://example.org/a"), "https://example.org/a is no URL of a file: fetch it"],
    ["a URL of another machine", new URL("file://elsewhere/a"), "file://elsewhere/a is no URL of a file"],
    ["a Response", new Response("a"), "the file must be bytes"],
    ["nothing", undefined, "the file must be bytes: a Uint8Array or another view, or an ArrayBuffer; got undefined"],
    ["numbers", [1, 2], "got an array of 2"],
    ["detached bytes", detached(Uint8Array.of(1)), "the file must still have its memory"],
    ["what only looks like a Blob", { [Symbol.toStringTag]: "Blob" }, "cannot read the given bytes"],
  ])("refuses %s", async (_, source, message) => {
    await expect(readSource(source as never)).rejects.toThrow(ArgumentError);
    await expect(readSource(source as never)).rejects.toThrow(message);
  });

  it("says that a Blob cannot be read any more, and why", async () => {
    const blob = new File(["a"], "gone.idx");
    blob.arrayBuffer = () => Promise.reject(new DOMException("the file has changed", "NotReadableError"));
    await expect(readSource(blob)).rejects.toThrow(new ArgumentError("cannot read gone.idx: the file has changed"));
  });
});
