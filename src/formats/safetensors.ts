import type { FilePath, FileSource } from "../io/index.js";
import { readSource, writeFileAtomically } from "../io/index.js";
import { Model } from "../layers/model.js";
import { ArgumentError, show } from "../engine/index.js";
import { parseSafetensors, serializeSafetensors } from "./safetensorsFile.js";

// Models in files of the format safetensors: https://github.com/huggingface/safetensors.

/** All state of a model as the bytes of a safetensors file: what a browser offers for download. Throws ArgumentError, StateError. */
export function toBytes(model: Model): Uint8Array<ArrayBuffer> {
  checkModel("toBytes", model);
  const metadata = {
    format: "wasmgrad",
    layout: "linear [in, out]; convolutions [kernel, in / groups, out]; transposed [kernel, out / groups, in]",
  };
  return serializeSafetensors(model.state(), metadata);
}

/**
 * Saves all state of a model as a safetensors file. What was there is replaced only once the new file is complete; it keeps
 * its mode, and of a symbolic link it is the target. Throws ArgumentError, naming the path, if it cannot be written.
 * @param path a path, or a URL that begins with file:
 */
export async function save(model: Model, path: FilePath): Promise<void> {
  await writeFileAtomically(path, toBytes(model));
}

/**
 * Loads what `save` wrote into a model. Throws FormatError, and changes nothing, if the file is damaged or of another model;
 * ArgumentError if it cannot be read; StateError while the engine executes a program.
 * @param source a path, a URL that begins with file:, the bytes of the file, or a Blob or File
 * @param fileName what errors call it. Default: its path or name
 */
export async function load(model: Model, source: FileSource, fileName?: string): Promise<void> {
  checkModel("load", model);
  model.holding.check();
  model.engine.memory.checkIdle();
  const { bytes, name } = await readSource(source, fileName);
  model.loadState(parseSafetensors(bytes, name).tensors, name);
}

function checkModel(name: string, model: unknown): void {
  if (model instanceof Model) return;
  throw new ArgumentError(
    `safetensors.${name} wants a built model, got ${show(model)}; nn.sequential(…).build(engine, { inputShape }) makes one`,
  );
}
