import { spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { temporaryFolder, writeTinyMnist } from "../data/idx.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe("npm run mnist", () => {
  const folder = temporaryFolder();
  const images = join(folder, "images");
  mkdirSync(images);
  writeTinyMnist(images, { trainLength: 200, testLength: 50 });

  /** Runs the command as the package's script does; `onOutput` sees what was printed so far. */
  function run(args: readonly string[], onOutput?: (output: string, interrupt: () => void) => void): Promise<Run> {
    const tsx = join(root, "node_modules", "tsx", "dist", "loader.mjs");
    const main = join(root, "examples", "mnist", "main.ts");
    const child = spawn(process.execPath, ["--import", `file://${tsx}`, main, ...args], { cwd: folder });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      onOutput?.(stdout, () => child.kill("SIGINT"));
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    return new Promise((resolve) => child.on("close", (code) => resolve({ code, stdout, stderr })));
  }

  it.each(["cnn", "mlp", "sigmoid"])("trains, evaluates, saves and reloads the model %s", async (model) => {
    const args = [
      "--model",
      model,
      "--data",
      images,
      "--epochs",
      "2",
      "--batch-size",
      "16",
      "--json",
      "--save",
      "saved",
    ];
    const { code, stdout, stderr } = await run(args);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split("\n");
    expect(lines.filter((line) => line.startsWith("epoch 1/2")).length).toBe(4);
    expect(stdout).not.toContain("\u001b");
    expect(stdout).toContain("true ╲ predicted");
    expect(stdout).toContain("saved to saved; loaded into a new model, which predicts the same to the bit");
    expect(existsSync(join(folder, "saved"))).toBe(true);

    const result = JSON.parse(lines.at(-1)!) as Record<string, number>;
    expect(Object.keys(result)).toEqual([
      "testAccuracy",
      "trainLoss",
      "epochs",
      "samplesPerSecond",
      "seconds",
      "parameters",
    ]);
    expect(result.epochs).toBe(2);
    expect(result.parameters).toBe({ cnn: 206922 + 96, mlp: 235146, sigmoid: 109386 }[model]);
    expect(stdout).toContain(`${Math.round(50 * result.testAccuracy!)} of 50 test images`);
    for (const value of Object.values(result)) expect(value).toBeGreaterThanOrEqual(0);
  });

  it("learns what can be learnt, the same for the same seed", async () => {
    const args = ["--model", "mlp", "--data", images, "--epochs", "5", "--batch-size", "10", "--json", "--seed", "7"];
    const [one, other] = await Promise.all([run([...args, "--save", "one"]), run([...args, "--save", "other"])]);
    const [first, second] = [one, other].map(
      ({ stdout }) => JSON.parse(stdout.trimEnd().split("\n").at(-1)!) as Record<string, number>,
    );
    expect(first!.testAccuracy).toBe(1);
    expect(second!.trainLoss).toBe(first!.trainLoss);
  });

  it.each(["sgd", "momentum", "nesterov", "adagrad"])("trains with %s", async (optimizer) => {
    const args = [
      "--model",
      "mlp",
      "--data",
      images,
      "--epochs",
      "1",
      "--optimizer",
      optimizer,
      "--lr",
      "0.01",
      "--json",
    ];
    const { code, stdout } = await run([...args, "--save", optimizer]);
    expect(code).toBe(0);
    expect(stdout).toContain(`${optimizer} at 0.01`);
  });

  it.each([
    [["--epochs", "none"], '--epochs must be an integer from 1 to 1000000000, got "none"\n'],
    [["--lr=-1"], '--lr must be a number above 0, got "-1"\n'],
    [["--colour"], "Unknown option '--colour' (--help lists the options)\n"],
  ])("rejects %j in one line with exit code 2", async (args, message) => {
    expect(await run(args)).toEqual({ code: 2, stdout: "", stderr: message });
  });

  it("says in one line what it looked for where there is no data, with exit code 1", async () => {
    const { code, stderr } = await run(["--data", folder]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^the folder .* lacks files of MNIST: looked for train-images-idx3-ubyte or [^\n]*\n$/);
  });

  it("explains itself with --help", async () => {
    const { code, stdout } = await run(["--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain("Usage: npm run mnist -- [options]");
  });

  it("ends on Ctrl-C without saving", async () => {
    const args = ["--model", "mlp", "--data", images, "--epochs", "100000", "--save", "interrupted"];
    let interrupted = false;
    const { code, stderr } = await run(args, (output, interrupt) => {
      if (interrupted || !output.includes("epoch 1/100000 done")) return;
      interrupted = true;
      interrupt();
    });
    expect(code).toBe(130);
    expect(stderr).toBe("");
    expect(existsSync(join(folder, "interrupted"))).toBe(false);
  });
});
