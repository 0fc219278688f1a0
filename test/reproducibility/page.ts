// What a browser runs: trains the network on each number of threads and posts what came out.
import { imageCount, trainNetwork, type TrainedState } from "./network.js";

export interface PageResult {
  readonly isolated: boolean;
  readonly states: readonly TrainedState[];
  readonly error?: string;
}

async function bytes(path: string): Promise<Uint8Array> {
  return new Uint8Array(await (await fetch(path)).arrayBuffer());
}

async function train(): Promise<PageResult> {
  const [images, labels] = [await bytes("images"), await bytes("labels")];
  if (labels.length !== imageCount) throw new Error(`got ${labels.length} labels`);
  const counts = new URLSearchParams(location.search).get("threads")!.split(",").map(Number);
  const states: TrainedState[] = [];
  for (const threads of counts) states.push(await trainNetwork(images, labels, { reproducible: true, threads }));
  return { isolated: crossOriginIsolated, states };
}

const result: PageResult = await train().catch((error: unknown) => ({
  isolated: crossOriginIsolated,
  states: [],
  error: String(error),
}));
await fetch("result", { method: "POST", body: JSON.stringify(result) });
