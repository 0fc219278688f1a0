import { checkAgreement } from "../../../bench/check.js";
import { measure } from "../../../bench/measure.js";
import { createEngine } from "../../../src/index.js";
import {
  askOnce,
  type BaselineAnswer,
  type BaselineTask,
  type BenchAnswer,
  type BenchTask,
  type Flavour,
  reasonOf,
} from "./messages.js";
import { chosenRows } from "./rows.js";

/** Times one row in WebAssembly and in both forms of JavaScript, and holds their results against each other. */
async function run({ index, budget }: BenchTask): Promise<BenchAnswer> {
  try {
    const row = chosenRows[index]!;
    const engine = await createEngine({ seed: 1, threads: 1 });
    const subject = row.wasm(engine);
    const expected = subject.result().slice();
    const wasm = measure(() => subject.run(), { budget }).milliseconds;
    await engine.close();
    const baseline = async (flavour: Flavour): Promise<number> => {
      const worker = new Worker(new URL("./baseline.worker.ts", import.meta.url), { type: "module" });
      const answer = await askOnce<BaselineAnswer>(worker, { index, budget, flavour } satisfies BaselineTask);
      if ("problem" in answer) throw new Error(answer.problem);
      checkAgreement(row, flavour, expected, answer.result);
      return answer.milliseconds;
    };
    return { times: { wasm, naive: await baseline("naive"), tuned: await baseline("tuned") } };
  } catch (error) {
    return { problem: reasonOf(error) };
  }
}

addEventListener(
  "message",
  ({ data }: MessageEvent<BenchTask>) => void run(data).then((answer) => postMessage(answer)),
);
