import { ArgumentError, excerptOfShape, FormatError, show } from "../engine/index.js";
import { type FilePath, type FileSource, listFolder } from "../io/index.js";
import { isUrl, pathOf } from "../io/paths.js";
import type { Dataset } from "./dataset.js";
import { readIdx } from "./idx.js";
import type { IdxArray } from "./idxHeader.js";
import { dataset } from "./makeDataset.js";

const classes = 10;

/** The files of a data set, however they are given. */
export type MnistFiles =
  FilePath | ReadonlyMap<string, FileSource> | Readonly<Record<string, FileSource>> | Iterable<File>;

/** Where files are, and what to call them in errors. */
interface Source {
  readonly names: readonly string[];
  /** Begins the sentence "… files of MNIST" when some are missing. */
  readonly description: string;
  pathOf(name: string): string;
  read(name: string): FileSource;
}

/**
 * MNIST, or another data set of its form (Fashion-MNIST), from its four IDX files under their usual names:
 * `train-images-idx3-ubyte` or `train-images.idx3-ubyte`, likewise `train-labels`, `t10k-images` and `t10k-labels`, each
 * perhaps gzipped with `.gz` behind. Inputs have the shape [height, width, 1].
 * Throws ArgumentError if a file is missing or cannot be read, FormatError if one is not what it should be.
 * @param files the folder they are in; or the files themselves: by their names in a Map or an object, or the File objects
 * of a page's file input
 */
export async function mnist(files: MnistFiles): Promise<{ train: Dataset; test: Dataset }> {
  const source = await sourceOf(files);
  const wanted = ["train-images", "train-labels", "t10k-images", "t10k-labels"].map((stem) => {
    const rank = stem.endsWith("images") ? 3 : 1;
    const candidates = ["-", "."].flatMap((mark) =>
      ["", ".gz"].map((extension) => `${stem}${mark}idx${rank}-ubyte${extension}`),
    );
    return { candidates, name: candidates.find((candidate) => source.names.includes(candidate)) };
  });
  const missing = wanted.filter(({ name }) => name === undefined);
  if (missing.length > 0) {
    const list = missing.map(({ candidates }) => candidates.join(" or ")).join("; ");
    throw new ArgumentError(`${source.description} files of MNIST: looked for ${list}`);
  }
  const names = wanted.map(({ name }) => name) as [string, string, string, string];
  const train = await readPair(source, names[0], names[1]);
  const test = await readPair(source, names[2], names[3]);
  if (String(train.inputShape) !== String(test.inputShape)) {
    throw new FormatError(
      `${source.pathOf(names[2])}: expected images of the training set's shape [${train.inputShape.join(", ")}], ` +
        `found [${test.inputShape.join(", ")}]`,
    );
  }
  return { train, test };
}

async function sourceOf(files: MnistFiles): Promise<Source> {
  if (typeof files === "string" || isUrl(files)) {
    const folder = pathOf(files);
    const at = (name: string): string => `${folder}/${name}`;
    return { names: await listFolder(folder), description: `the folder ${folder} lacks`, pathOf: at, read: at };
  }
  const byName = new Map(entriesOf(files));
  return {
    names: [...byName.keys()],
    description: "the given files lack",
    pathOf: (name) => name,
    read: (name) => byName.get(name)!,
  };
}

function entriesOf(files: Exclude<MnistFiles, FilePath>): (readonly [name: string, file: FileSource])[] {
  if (typeof files !== "object" || (files as unknown) === null) {
    throw new ArgumentError(`data.mnist wants a folder, or files by their names, got ${show(files)}`);
  }
  if (!(Symbol.iterator in files)) return Object.entries(files);
  return Array.from(files as Iterable<unknown>, (item) => {
    if (Array.isArray(item)) return item as unknown as [string, FileSource];
    const hasName = typeof item === "object" && item !== null && "name" in item && typeof item.name === "string";
    if (hasName) return [item.name, item] as unknown as [string, FileSource];
    throw new ArgumentError(`data.mnist wants File objects, or a Map of files by their names, got ${show(item)}`);
  });
}

async function readPair(source: Source, imageName: string, labelName: string): Promise<Dataset> {
  const imagePath = source.pathOf(imageName);
  const labelPath = source.pathOf(labelName);
  const images = await readBytes(source.read(imageName), imagePath, 3);
  const labels = await readBytes(source.read(labelName), labelPath, 1);
  const [count, height, width] = images.shape as [number, number, number];
  if (images.data.length === 0) {
    throw new FormatError(`${imagePath}: expected images, found the empty shape [${images.shape.join(", ")}]`);
  }
  if (labels.data.length !== count) {
    throw new FormatError(
      `${labelPath}: expected a label for each of ${count} images, found ${labels.data.length} labels`,
    );
  }
  const wrong = labels.data.findIndex((label) => label >= classes);
  if (wrong >= 0) {
    throw new FormatError(`${labelPath}: expected labels from 0 to 9, found ${labels.data[wrong]} for image ${wrong}`);
  }
  return dataset({ inputs: images.data, inputShape: [height, width, 1], targets: labels.data, classes });
}

async function readBytes(
  source: FileSource,
  path: string,
  rank: number,
): Promise<{ shape: IdxArray["shape"]; data: Uint8Array }> {
  const { shape, data } = await readIdx(source, path);
  if (!(data instanceof Uint8Array) || shape.length !== rank) {
    throw new FormatError(
      `${path}: expected ${rank} dimensions of unsigned bytes, found ${excerptOfShape(shape)} in a ${data.constructor.name}`,
    );
  }
  return { shape, data };
}
