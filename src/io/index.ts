export { readFile, writeFileAtomically } from "./files.js";
export { type FileTensor, parseSafetensors, type SafetensorsFile, serializeSafetensors } from "./safetensors.js";
