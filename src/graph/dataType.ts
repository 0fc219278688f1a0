import { ArgumentError, show } from "../engine/index.js";

/**
 * What the elements of a value are: float32, int32, float16, bytes from 0 to 255, or truth values (bytes 0 and 1). float16 is
 * for storage: it is read as float32, and a result is float16 only where `cast` says so.
 */
export type DataType = "f32" | "i32" | "f16" | "u8" | "bool";

/** Everything that depends on the type of an element, in one table. */
interface DataTypeTraits {
  /** Of an element. */
  readonly bytes: number;
  /** As messages call it. */
  readonly title: string;
  /** What shows its elements in linear memory; those of float16 as their bits. */
  readonly View: ViewConstructor;
}

export type ElementView =
  Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;
type ViewConstructor = new (buffer: ArrayBuffer, address: number, length: number) => ElementView;

const traits: Readonly<Record<DataType, DataTypeTraits>> = {
  f32: { bytes: 4, title: "float32", View: Float32Array },
  i32: { bytes: 4, title: "int32", View: Int32Array },
  f16: { bytes: 2, title: "float16", View: Uint16Array },
  u8: { bytes: 1, title: "bytes", View: Uint8Array },
  bool: { bytes: 1, title: "truth values", View: Uint8Array },
};

export const dataTypes = Object.keys(traits) as readonly DataType[];

export function bytesOfType(dataType: DataType): number {
  return traits[dataType].bytes;
}

/** As messages call it: "int32". */
export function titleOfType(dataType: DataType): string {
  return traits[dataType].title;
}

/** Whether elements are floating-point numbers. */
export function isFloating(dataType: DataType): boolean {
  return dataType === "f32" || dataType === "f16";
}

/** Elements in linear memory; of float16 the bits. */
export function viewElements(
  { buffer }: { readonly buffer: ArrayBuffer },
  dataType: DataType,
  address: number,
  length: number,
): ElementView {
  return new traits[dataType].View(buffer, address, length);
}

/** Throws ArgumentError unless `given` is one of the data types. */
export function checkDataType(what: string, given: unknown): DataType {
  if (typeof given === "string" && Object.hasOwn(traits, given)) return given as DataType;
  throw new ArgumentError(`${what} must be one of ${dataTypes.map(show).join(", ")}; got ${show(given)}`);
}
