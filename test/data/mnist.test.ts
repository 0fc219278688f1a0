import { mkdtempSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { runInNewContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { mnist } from "../../src/data/index.js";
import { ArgumentError, FormatError } from "../../src/engine/index.js";
import { idxOfBytes, temporaryFolder, writeTinyMnist } from "./idx.js";

/** A whole data set of one black image. */
const complete = Object.fromEntries(
  ["train", "t10k"].flatMap((set) => [
    [`${set}-images-idx3-ubyte`, idxOfBytes([1, 1, 1], [0])],
    [`${set}-labels-idx1-ubyte`, idxOfBytes([1], [0])],
  ]),
);

describe("mnist", () => {
  const parent = temporaryFolder();
  const newFolder = (): string => mkdtempSync(join(parent, "mnist-"));

  it("reads the four files", async () => {
    const folder = newFolder();
    const written = writeTinyMnist(folder);
    const { train, test } = await mnist(folder);
    expect(train).toEqual({
      length: 40,
      inputShape: [28, 28, 1],
      inputs: written.train.images,
      targets: written.train.labels,
      targetShape: [],
      classes: 10,
    });
    expect(test.length).toBe(20);
    expect(test.inputs).toEqual(written.t10k.images);
    expect(test.targets).toEqual(written.t10k.labels);
  });

  it("finds them under their other names, gzipped or not", async () => {
    const folder = newFolder();
    const { train } = writeTinyMnist(folder);
    renameSync(join(folder, "train-images-idx3-ubyte"), join(folder, "train-images.idx3-ubyte"));
    renameSync(join(folder, "train-labels-idx1-ubyte"), join(folder, "replaced"));
    writeFileSync(join(folder, "train-labels-idx1-ubyte.gz"), gzipSync(idxOfBytes([40], train.labels)));
    expect((await mnist(folder)).train.targets).toEqual(train.labels);
  });

  it("takes the bytes of the files by name, and says which are missing", async () => {
    const folder = newFolder();
    writeTinyMnist(folder);
    const files = new Map(readdirSync(folder).map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))]));
    expect(await mnist(files)).toEqual(await mnist(folder));
    const labels = files.get("t10k-labels-idx1-ubyte")!;
    files.set("t10k-labels-idx1-ubyte", labels.subarray(1));
    await expect(mnist(files)).rejects.toThrow("t10k-labels-idx1-ubyte: expected an IDX file");
    files.delete("t10k-labels-idx1-ubyte");
    await expect(mnist(files)).rejects.toThrow(
      "the given files lack files of MNIST: looked for t10k-labels-idx1-ubyte",
    );
  });

  it("takes the files as a page or a program has them", async () => {
    const folder = newFolder();
    writeTinyMnist(folder);
    const wanted = await mnist(folder);
    const names = readdirSync(folder);
    const read = (name: string): Buffer<ArrayBuffer> => readFileSync(join(folder, name));
    const files = [
      pathToFileURL(folder),
      new Map(names.map((name) => [name, read(name)])),
      new Map(names.map((name) => [name, Uint8Array.from(read(name)).buffer])),
      new Map(names.map((name) => [name, new Blob([read(name)])])),
      new Map(names.map((name) => [name, gzipSync(read(name))])),
      Object.fromEntries(names.map((name) => [name, read(name)])),
      Object.fromEntries(names.map((name) => [name, join(folder, name)])),
      names.map((name) => new File([read(name)], name)),
      runInNewContext("new Map(entries)", { entries: names.map((name) => [name, read(name)]) }) as Map<string, Buffer>,
    ];
    for (const given of files) expect(await mnist(given)).toEqual(wanted);
  });

  it.each([
    ["nothing", undefined, "data.mnist wants a folder, or files by their names, got undefined"],
    ["a number", 5, "got 5"],
    ["bytes without names", [new Uint8Array(3)], "data.mnist wants File objects, or a Map of files by their names"],
    ["a URL of another kind", new URL("https://example.org/"), "https://example.org/ is no URL of a file"],
    [
      "a file that holds no bytes",
      { ...complete, "t10k-labels-idx1-ubyte": 5 },
      "t10k-labels-idx1-ubyte must be bytes",
    ],
  ])("refuses %s", async (_, wrong, message) => {
    await expect(mnist(wrong as never)).rejects.toThrow(ArgumentError);
    await expect(mnist(wrong as never)).rejects.toThrow(message);
  });

  it("says which files it looked for", async () => {
    const folder = newFolder();
    writeTinyMnist(folder);
    renameSync(join(folder, "t10k-labels-idx1-ubyte"), join(folder, "other"));
    const reading = mnist(folder);
    await expect(reading).rejects.toThrow(ArgumentError);
    await expect(reading).rejects.toThrow(
      `the folder ${folder} lacks files of MNIST: looked for t10k-labels-idx1-ubyte or t10k-labels-idx1-ubyte.gz ` +
        "or t10k-labels.idx1-ubyte or t10k-labels.idx1-ubyte.gz",
    );
    await expect(mnist(join(folder, "absent"))).rejects.toThrow(`cannot read the folder ${join(folder, "absent")}`);
  });

  const images = "train-images-idx3-ubyte";
  const labels = "train-labels-idx1-ubyte";
  it.each([
    ["a label for only some images", labels, idxOfBytes([39], new Uint8Array(39)), "for each of 40 images, found 39"],
    ["a label above 9", labels, idxOfBytes([40], new Uint8Array(40).fill(10, 7, 8)), "found 10 for image 7"],
    ["labels in two dimensions", labels, idxOfBytes([40, 1], new Uint8Array(40)), "expected 1 dimensions of unsigned"],
    [
      "images in two dimensions",
      images,
      idxOfBytes([40, 784], new Uint8Array(31360)),
      "found [40, 784] in a Uint8Array",
    ],
    ["images in 255 dimensions", images, idxOfBytes(Array<number>(255).fill(1), [0]), "1, … 255 dimensions] in a"],
    ["signed images", images, Uint8Array.of(0, 0, 9, 3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1), "in a Int8Array"],
    ["no images", images, idxOfBytes([0, 28, 28], []), "expected images, found the empty shape [0, 28, 28]"],
    ["a file that is cut short", images, idxOfBytes([40, 28, 28], [0]), "expected 31360 bytes"],
  ])("rejects %s, naming the file", async (_, name, bytes, message) => {
    const folder = newFolder();
    writeTinyMnist(folder);
    writeFileSync(join(folder, name), bytes);
    const reading = mnist(folder);
    await expect(reading).rejects.toThrow(FormatError);
    await expect(reading).rejects.toThrow(`${folder}/${name}: expected`);
    await expect(reading).rejects.toThrow(message);
  });

  it("rejects test images of another size than the training images", async () => {
    const folder = newFolder();
    writeTinyMnist(folder);
    writeFileSync(join(folder, "t10k-images-idx3-ubyte"), idxOfBytes([20, 2, 2], new Uint8Array(80)));
    await expect(mnist(folder)).rejects.toThrow("training set's shape [28, 28, 1], found [2, 2, 1]");
  });
});
