import { ArgumentError, FormatError } from "../engine/index.js";
import { listFolder } from "../io/files.js";
import { type Dataset, dataset } from "./dataset.js";
import { type IdxArray, readIdx } from "./idx.js";

const classes = 10;

/**
 * MNIST, or another data set of its form (Fashion-MNIST), from a folder with its four IDX files under their usual names:
 * `train-images-idx3-ubyte` or `train-images.idx3-ubyte`, likewise `train-labels`, `t10k-images` and `t10k-labels`, each
 * perhaps gzipped with `.gz` behind. Inputs have the shape [height, width, 1].
 * Throws ArgumentError if a file is missing, FormatError if one is not what it should be.
 */
export async function mnist(directory: string): Promise<{ train: Dataset; test: Dataset }> {
  const names = await listFolder(directory);
  const files = ["train-images", "train-labels", "t10k-images", "t10k-labels"].map((stem) => {
    const rank = stem.endsWith("images") ? 3 : 1;
    const candidates = ["-", "."].flatMap((mark) =>
      ["", ".gz"].map((extension) => `${stem}${mark}idx${rank}-ubyte${extension}`),
    );
    return { candidates, name: candidates.find((candidate) => names.includes(candidate)) };
  });
  const missing = files.filter(({ name }) => name === undefined);
  if (missing.length > 0) {
    const wanted = missing.map(({ candidates }) => candidates.join(" or ")).join("; ");
    throw new ArgumentError(`the folder ${directory} lacks files of MNIST: looked for ${wanted}`);
  }
  const paths = files.map(({ name }) => `${directory}/${name}`) as [string, string, string, string];
  const train = await readPair(paths[0], paths[1]);
  const test = await readPair(paths[2], paths[3]);
  if (String(train.inputShape) !== String(test.inputShape)) {
    throw new FormatError(
      `${paths[2]}: expected images of the training set's shape [${train.inputShape.join(", ")}], ` +
        `found [${test.inputShape.join(", ")}]`,
    );
  }
  return { train, test };
}

async function readPair(imagePath: string, labelPath: string): Promise<Dataset> {
  const images = await readBytes(imagePath, 3);
  const labels = await readBytes(labelPath, 1);
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

async function readBytes(path: string, rank: number): Promise<{ shape: IdxArray["shape"]; data: Uint8Array }> {
  const { shape, data } = await readIdx(path);
  if (!(data instanceof Uint8Array) || shape.length !== rank) {
    throw new FormatError(
      `${path}: expected ${rank} dimensions of unsigned bytes, found [${shape.join(", ")}] in a ${data.constructor.name}`,
    );
  }
  return { shape, data };
}
