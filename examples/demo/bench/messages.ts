export type Flavour = "naive" | "tuned";

/** What the page tells a worker: which of the chosen rows, and how long to measure. */
export interface BenchTask {
  readonly index: number;
  readonly budget: number;
}

export interface BenchTimes {
  readonly wasm: number;
  readonly naive: number;
  readonly tuned: number;
}

export type BenchAnswer = { readonly times: BenchTimes } | { readonly problem: string };

export interface BaselineTask extends BenchTask {
  readonly flavour: Flavour;
}

export type BaselineAnswer =
  { readonly milliseconds: number; readonly result: Float32Array<ArrayBuffer> } | { readonly problem: string };

/** The first message of a worker; rejects if its script cannot be run. Ends the worker either way. */
export async function askOnce<Answer>(worker: Worker, task: unknown): Promise<Answer> {
  try {
    return await new Promise<Answer>((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<Answer>) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(`A worker of the benchmark failed: ${message}`));
      worker.postMessage(task);
    });
  } finally {
    worker.terminate();
  }
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
