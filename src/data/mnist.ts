import { ArgumentError, FormatError } from "../engine/index.js";
import { listFolder } from "../io/files.js";
import { type Dataset, dataset } from "./dataset.js";
import { type IdxArray, readIdx } from "./idx.js";

const classes = 10;

/** Where files are, and what to call them in errors. */
interface Source {
  readonly names: readonly string[];
  /** Begins the sentence "… files of MNIST" when some are missing. */
  readonly description: string;
  pathOf(name: string): string;
  read(name: string): string | Uint8Array;
}

/**
 * MNIST, or another data set of its form (Fashion-MNIST), from its four IDX files under their usual names:
 * `train-images-idx3-ubyte` or `train-images.idx3-ubyte`, likewise `train-labels`, `t10k-images` and `t10k-labels`, each
 * perhaps gzipped with `.gz` behind. Inputs have the shape [height, width, 1].
 * Throws ArgumentError if a file is missing, FormatError if one is not what it should be.
 * @param files the folder they are in, or their bytes by their names
 */
export async function mnist(
  files: string | ReadonlyMap<string, Uint8Array>,
): Promise<{ train: Dataset; test: Dataset }> {
  const source: Source =
    typeof files === "string"
      ? {
          names: await listFolder(files),
          description: `the folder ${files} lacks`,
          pathOf: (name) => `${files}/${name}`,
          read: (name) => `${files}/${name}`,
        }
      : {
          names: [...files.keys()],
          description: "the given files lack",
          pathOf: (name) => name,
          read: (name) => files.get(name)!,
        };
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
  source: string | Uint8Array,
  path: string,
  rank: number,
): Promise<{ shape: IdxArray["shape"]; data: Uint8Array }> {
  const { shape, data } = await readIdx(source, path);
  if (!(data instanceof Uint8Array) || shape.length !== rank) {
    throw new FormatError(
      `${path}: expected ${rank} dimensions of unsigned bytes, found [${shape.join(", ")}] in a ${data.constructor.name}`,
    );
  }
  return { shape, data };
}
