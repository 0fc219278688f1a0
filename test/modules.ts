import { readdirSync } from "node:fs";

/** All modules in a folder beside a module, so that nobody keeps a list of them. */
export async function modulesIn<M>(beside: string, folder: string): Promise<readonly M[]> {
  const at = new URL(`${folder}/`, beside);
  const files = readdirSync(at).filter((name) => name.endsWith(".ts"));
  return Promise.all(files.map(async (file) => (await import(new URL(file, at).href)) as M));
}
