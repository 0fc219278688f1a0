export { listFolder, readFile } from "./files.js";
export { type FilePath } from "./paths.js";
export { type FileSource, readSource } from "./source.js";
export { writeFileAtomically } from "./save.js";
