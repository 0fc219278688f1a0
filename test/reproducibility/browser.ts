import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type BrowserName, openInBrowser } from "../host/browser.js";
import { serve } from "../host/serve.js";
import type { PageResult } from "./page.js";

/** A module of this folder and all it imports, as one script for a page. */
export async function bundle(file: string): Promise<Uint8Array> {
  const entryPoints = [fileURLToPath(new URL(file, import.meta.url))];
  const { outputFiles } = await build({ entryPoints, bundle: true, write: false, format: "esm", target: "es2022" });
  return outputFiles[0]!.contents;
}

/** Opens a page in a browser, which trains on each of some numbers of threads, and waits for what it posts. */
export async function trainInBrowser(
  browser: BrowserName,
  threads: readonly number[],
  data: { readonly images: Uint8Array; readonly labels: Uint8Array },
): Promise<PageResult> {
  const files: Record<string, string | Uint8Array> = {
    "/page.html": '<!doctype html><script type="module" src="page.js"></script>',
    "/page.js": await bundle("page.ts"),
    "/images": data.images,
    "/labels": data.labels,
  };
  return serve(
    (path) => files[path],
    true,
    async (url, posted) => {
      const address = `${url}page.html?threads=${threads.join(",")}`;
      return (await openInBrowser(browser, address, posted)) as PageResult;
    },
  );
}
