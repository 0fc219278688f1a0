import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { BuildName } from "../src/engine/index.js";
import { createEngine } from "../src/index.js";
import { median } from "./measure.js";
import { UsageError } from "./options.js";
import { stepLetters, stepTrainer } from "./rows/steps.js";

/** Where Debian's python3-torch lies, and what else may be called so. */
const interpreters = ["/usr/bin/python3", "python3"];

/** Also for the library of products that PyTorch uses: OpenBLAS, if Debian's libopenblas0 is there; else a much slower one. */
const oneThread = { OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" };

/** Steps of both before the first that counts, and turns that count: in each, some steps of one, then as many of the other. */
const warmup = 10;
const turns = 25;

/** Runs training steps in PyTorch, on one thread, by bench/pytorch.py. */
class PyTorch {
  private constructor(
    private readonly child: ReturnType<typeof spawn>,
    private readonly answers: AsyncIterator<string, undefined>,
    readonly version: string,
  ) {}

  /** Throws UsageError where no interpreter has PyTorch. */
  static async start(): Promise<PyTorch> {
    const script = fileURLToPath(new URL("pytorch.py", import.meta.url));
    for (const interpreter of interpreters) {
      if (interpreter.startsWith("/") && !existsSync(interpreter)) continue;
      const child = spawn(interpreter, [script], {
        stdio: ["pipe", "pipe", "ignore"],
        env: { ...process.env, ...oneThread },
      });
      const lines: AsyncIterable<string, undefined> = createInterface({ input: child.stdout });
      const answers = lines[Symbol.asyncIterator]();
      child.on("error", () => undefined);
      const answer = await answers.next();
      if (!answer.done) return new PyTorch(child, answers, (JSON.parse(answer.value) as { version: string }).version);
    }
    throw new UsageError("no PyTorch here: Debian has it as python3-torch");
  }

  /** The milliseconds of each of some steps of a network. */
  async steps(name: string, count: number): Promise<readonly number[]> {
    this.child.stdin!.write(`${name} ${count}\n`);
    const answer = await this.answers.next();
    if (answer.done) throw new Error(`PyTorch ended in the steps of ${name}`);
    return JSON.parse(answer.value) as number[];
  }

  close(): void {
    this.child.kill();
  }
}

/** Prints the training steps of the benchmark beside the same in PyTorch on one thread, in turns, with medians and their ratio. */
export async function compareWithPyTorch(build: BuildName, filter: string | undefined): Promise<void> {
  const torch = await PyTorch.start();
  try {
    console.log(`PyTorch ${torch.version} and build ${build}, one thread each\n`);
    console.log(
      `${"training step".padEnd(16)}${"wasm ms".padStart(10)}${"PyTorch ms".padStart(12)}${"ratio".padStart(8)}`,
    );
    for (const letter of stepLetters.filter((name) => filter === undefined || name === filter)) {
      const engine = await createEngine({ seed: 1, build, threads: 1 });
      const { step } = stepTrainer(engine, letter);
      for (let i = 0; i < warmup; i++) step();
      const [first] = await torch.steps(letter, warmup).then((times) => times.slice(-1));
      const together = Math.max(1, Math.round(20 / first!));
      const own: number[] = [];
      const theirs: number[] = [];
      for (let turn = 0; turn < turns; turn++) {
        const start = performance.now();
        for (let i = 0; i < together; i++) step();
        own.push((performance.now() - start) / together);
        theirs.push(median(await torch.steps(letter, together)));
      }
      const [wasm, native] = [median(own), median(theirs)];
      const columns = [
        wasm.toFixed(3).padStart(10),
        native.toFixed(3).padStart(12),
        (native / wasm).toFixed(2).padStart(8),
      ];
      console.log(`${letter.padEnd(16)}${columns.join("")}`);
      await engine.close();
    }
  } finally {
    torch.close();
  }
}
