import { ByteReader } from "./byteReader.js";
import { ArgumentError, FormatError, StateError } from "./errors.js";
import { decompress, leastHosts } from "./host.js";
import { show } from "./show.js";

/** The kernels are compiled twice: plain SIMD, and with the fused multiply-add of relaxed SIMD. */
export type BuildName = "simd" | "relaxed";

/** Integers that the kernels and their callers must agree on: the constants of assembly/ that are marked `@shared`. */
export * as constants from "../../build/generated/constants.js";

/** A module of one function that uses one relaxed opcode: an engine without them rejects it whole. */
const relaxedProbe = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2, 253, 15,
  253, 128, 2, 11,
];
/** A module of one function that uses one SIMD opcode. */
const simdProbe = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11];

/** What this host's WebAssembly can execute. */
export function probeHost(): { simd: boolean; relaxed: boolean } {
  if (typeof WebAssembly === "undefined") return { simd: false, relaxed: false };
  return {
    simd: WebAssembly.validate(new Uint8Array(simdProbe)),
    relaxed: WebAssembly.validate(new Uint8Array(relaxedProbe)),
  };
}

/** The builds that an entry point of the package carries, packed: simd whole, and of relaxed what differs. */
export interface KernelSources {
  readonly simd: string;
  readonly relaxed?: {
    readonly delta: string;
    /** Given, so that an entry point without this build does not hold it: `applyDelta`. */
    readonly apply: (base: Uint8Array, delta: Uint8Array) => Uint8Array<ArrayBuffer>;
  };
}

/** The fastest of some builds that this host can run, or the one that was asked for. Throws StateError if there is none, ArgumentError for options that make no sense. */
export function chooseBuild(
  sources: KernelSources,
  wanted: { readonly build?: BuildName; readonly reproducible?: boolean },
): { name: BuildName; reason: string } {
  if (wanted.build !== undefined && !["simd", "relaxed"].includes(wanted.build)) {
    throw new ArgumentError(`build must be "simd" or "relaxed", got ${show(wanted.build)}`);
  }
  if (wanted.build === "relaxed" && wanted.reproducible) {
    throw new ArgumentError('build "relaxed" is not reproducible between hosts: leave out one of the two options');
  }
  const host = probeHost();
  if (!host.simd) {
    const lack =
      typeof WebAssembly === "undefined" ? "this host has no WebAssembly" : "this host's WebAssembly has no SIMD";
    throw new StateError(`${lack}: ${leastHosts}`);
  }
  const take = (name: BuildName, reason: string): { name: BuildName; reason: string } => {
    if (sources[name] === undefined)
      throw new StateError(`this entry point carries no ${name} build; import "wasmgrad"`);
    return { name, reason };
  };
  if (wanted.build === "relaxed" && !host.relaxed) {
    throw new StateError('build "relaxed" was asked for, but this host rejects relaxed SIMD; use build "simd"');
  }
  if (wanted.build) return take(wanted.build, "the build option asked for it");
  if (wanted.reproducible) return take("simd", "reproducible results were asked for");
  if (sources.relaxed === undefined) return take("simd", "it is the only build of this entry point");
  if (host.relaxed) return take("relaxed", "this host has relaxed SIMD");
  return take("simd", "this host has no relaxed SIMD");
}

/** The bytes of one of the builds. */
export async function unpackWasm(sources: KernelSources, name: BuildName): Promise<Uint8Array<ArrayBuffer>> {
  const simd = await unpack(sources.simd);
  const { relaxed } = sources;
  return name === "relaxed" && relaxed ? relaxed.apply(simd, await unpack(relaxed.delta)) : simd;
}

/** Bytes as scripts/generate.mjs packed them: compressed by zlib, then base64. */
async function unpack(packed: string): Promise<Uint8Array<ArrayBuffer>> {
  return decompress(
    Uint8Array.from(atob(packed), (character) => character.charCodeAt(0)),
    "deflate",
  );
}

/**
 * The single-threaded form of a module compiled for shared memory: the same bytes with the limits flag of its memory
 * import changed from "shared, with maximum" (3) to "with maximum" (1).
 */
export function withUnsharedMemory(wasm: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const bytes = wasm.slice();
  const reader = new ByteReader(bytes);
  const skipName = (): unknown => reader.take(reader.unsigned());
  reader.take(8);
  while (reader.at < bytes.length) {
    const [section] = reader.take(1);
    const size = reader.unsigned();
    if (section !== 2) {
      reader.take(size);
      continue;
    }
    for (let count = reader.unsigned(); count > 0; count--) {
      skipName();
      skipName();
      const [kind] = reader.take(1);
      if (kind === 0) reader.unsigned();
      else if (kind === 2 && bytes[reader.at] === 3) {
        bytes[reader.at] = 1;
        return bytes;
      } else break;
    }
    break;
  }
  throw new FormatError("the kernel module does not import a shared memory: it was not built by `npm run build:wasm`");
}
