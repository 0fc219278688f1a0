import { describe, expect, it, vi } from "vitest";
import { confusionMatrix, formatConfusion } from "../../examples/mnist/confusion.js";
import { drawImage, drawSideBySide } from "../../examples/mnist/draw.js";
import { parseOptions, UsageError } from "../../examples/mnist/options.js";
import { clock, createReporter } from "../../examples/mnist/report.js";

describe("options of the MNIST example", () => {
  it("have the documented defaults", () => {
    expect(parseOptions([])).toEqual({
      model: "cnn",
      epochs: 3,
      batchSize: 64,
      optimizer: "adam",
      learningRate: 0.002,
      seed: 1,
      data: undefined,
      save: "mnist-cnn.safetensors",
      json: false,
    });
    expect(parseOptions(["--model", "mlp"])).toMatchObject({ epochs: 5, optimizer: "adam" });
    expect(parseOptions(["--model", "sigmoid"])).toMatchObject({ epochs: 10, optimizer: "sgd" });
    expect(parseOptions(["--help"])).toBe("help");
  });

  it("are read from the command line", () => {
    const args =
      "--model mlp --epochs 2 --batch-size=7 --lr 1e-2 --optimizer nesterov --seed 0 --data d --save s --json";
    expect(parseOptions(args.split(" "))).toEqual({
      model: "mlp",
      epochs: 2,
      batchSize: 7,
      optimizer: "nesterov",
      learningRate: 0.01,
      seed: 0,
      data: "d",
      save: "s",
      json: true,
    });
  });

  it.each([
    [["--model", "lstm"], '--model must be one of cnn, mlp, sigmoid, got "lstm"'],
    [["--optimizer", "Adam"], "--optimizer must be one of sgd, momentum, nesterov, adagrad, adam"],
    [["--epochs", "0"], '--epochs must be an integer from 1 to 1000000000, got "0"'],
    [["--epochs", "1.5"], "--epochs must be an integer"],
    [["--epochs", "ten"], "--epochs must be an integer"],
    [["--epochs", ""], "--epochs must be an integer"],
    [["--epochs="], "--epochs must be an integer"],
    [["--batch-size", "NaN"], "--batch-size must be an integer"],
    [["--batch-size=-4"], "--batch-size must be an integer"],
    [["--lr", "0"], '--lr must be a number above 0, got "0"'],
    [["--lr", "Infinity"], "--lr must be a number above 0"],
    [["--lr", "-1"], "--lr"],
    [["--seed", "4294967296"], "--seed must be an integer from 0 to 4294967295"],
    [["--seed=-1"], "--seed must be an integer"],
    [["--epochs"], "--epochs"],
    [["--json=yes"], "--json"],
    [["--epoch", "3"], "Unknown option '--epoch'"],
    [["data"], "'data'"],
  ])("reject %j in one line", (args, message) => {
    let error: unknown;
    try {
      parseOptions(args);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).message).toContain(message);
    expect((error as UsageError).message).not.toContain("\n");
  });
});

describe("the confusion matrix", () => {
  const matrix = confusionMatrix([0, 0, 1, 2, 2, 2], [0, 1, 1, 2, 2, 0], 4);

  it("counts pairs of label and prediction", () => {
    expect(matrix).toEqual([
      [1, 1, 0, 0],
      [0, 1, 0, 0],
      [1, 0, 2, 0],
      [0, 0, 0, 0],
    ]);
  });

  it("is printed aligned, with the share of each class that was recognised", () => {
    const lines = formatConfusion(matrix).split("\n");
    expect(lines).toEqual([
      "true ╲ predicted   0   1   2   3   recognised",
      "               0   1   1   ·   ·       50.0 %",
      "               1   ·   1   ·   ·      100.0 %",
      "               2   1   ·   2   ·       66.7 %",
      "               3   ·   ·   ·   ·            –",
    ]);
    const wide = formatConfusion([[12345, 0], [1, 2]]).split("\n"); // prettier-ignore
    expect(new Set(wide.map((line) => line.length)).size).toBe(1);
  });
});

describe("drawings of digits", () => {
  it("put two rows of pixels into one line and leave out the margin", () => {
    const rows = ["......", "..##..", "..#...", "...#..", "......"];
    const pixels = Uint8Array.from(rows.join(""), (dot) => (dot === "#" ? 255 : 40));
    expect(drawImage({ pixels, width: 6, height: 5 })).toEqual(["█▀", " ▀"]);
  });

  it("of an empty image are empty", () => {
    expect(drawImage({ pixels: new Uint8Array(4), width: 2, height: 2 })).toEqual([]);
  });

  it("stand side by side, as many as fit", () => {
    const drawings = [
      { caption: "a", lines: ["12345", "1"] },
      { caption: "caption", lines: ["1", "2", "3"] },
      { caption: "c", lines: ["x"] },
    ];
    expect(drawSideBySide(drawings, 18)).toBe("a       caption\n12345   1\n1       2\n        3");
    expect(drawSideBySide(drawings, 19)).toContain("c");
    expect(drawSideBySide(drawings, 1)).toBe("a\n12345\n1");
    expect(drawSideBySide([], 80)).toBe("");
  });
});

describe("the report of training", () => {
  /** Runs two epochs of 100 steps of a second each and returns what was written. */
  function report(isTTY: boolean): string {
    let written = "";
    let now = 0;
    vi.spyOn(performance, "now").mockImplementation(() => now);
    const write = (text: string): boolean => {
      written += text;
      return true;
    };
    const output = { isTTY, write, columns: 200, cursorTo: write, on: () => output } as unknown as NodeJS.WriteStream;
    const reporter = createReporter(output, 2);
    for (const epoch of [1, 2]) {
      const figures = { loss: 0.5, accuracy: 0.875, skipped: 0, samplesPerSecond: 12345.6, epoch };
      for (let step = 1; step <= 100; step++) {
        now += 1000;
        reporter.step({ ...figures, step, steps: 100 });
      }
      reporter.epoch({ ...figures, seconds: 100, validation: { loss: 0.25, accuracy: 0.9 } });
    }
    reporter.stop();
    vi.restoreAllMocks();
    return written;
  }

  it("is a few plain lines per epoch where the output is no terminal", () => {
    const lines = report(false).trimEnd().split("\n");
    expect(lines.length).toBe(8);
    expect(lines[0]).toBe("epoch 1/2  step 25/100  loss 0.5000  accuracy 87.50 %  12,346 samples/s  2:55 left");
    expect(lines[3]).toBe(
      "epoch 1/2 done in 1:40  loss 0.5000  accuracy 87.50 %  12,346 samples/s  test loss 0.2500, accuracy 90.00 %",
    );
    expect(lines.join("")).not.toContain("\u001b");
  });

  it("is a bar on a terminal, whose cursor comes back", () => {
    const written = report(true);
    expect(written).toContain("epoch 1/2 ");
    expect(written).toContain("loss 0.5000  accuracy 87.50 %  12,346 samples/s");
    expect(written).toContain("epoch 2/2 done in 1:40");
    expect(written.lastIndexOf("\u001b[?25h")).toBeGreaterThan(written.lastIndexOf("\u001b[?25l"));
    expect(written.lastIndexOf("\u001b[?7h")).toBeGreaterThan(written.lastIndexOf("\u001b[?7l"));
  });

  it("tells time in minutes and seconds", () => {
    expect([0, 59.6, 61, 3600, -1].map(clock)).toEqual(["0:00", "1:00", "1:01", "60:00", "0:00"]);
  });
});
