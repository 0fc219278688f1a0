import { create, element, setText } from "../page/dom.js";
import type { Session } from "../training/session.js";
import { askOnce, type BenchAnswer, type BenchTask, reasonOf } from "./messages.js";
import { chosenLines } from "./words.js";

/** Milliseconds to measure each form of a row. */
const budget = 300;

function milliseconds(time: number): string {
  return `${time >= 100 ? time.toFixed(0) : time >= 10 ? time.toFixed(1) : time.toFixed(2)} ms`;
}

function ratio(factor: number): string {
  return `${factor.toFixed(1)}×`;
}

/** The table of WebAssembly against JavaScript, measured in this browser. */
export class BenchPanel {
  private readonly button = element("run-bench", HTMLButtonElement);
  private readonly status = element("bench-status", HTMLParagraphElement);
  private readonly rows: readonly (readonly HTMLTableCellElement[])[];

  constructor(private readonly session: Session) {
    this.rows = chosenLines.map(() => Array.from({ length: 3 }, () => create("td", {}, "–")));
    const lines = chosenLines.map(({ words }, i) =>
      create("tr", {}, create("th", { scope: "row" }, words), ...this.rows[i]!),
    );
    element("bench-rows", HTMLTableSectionElement).append(...lines);
    this.button.addEventListener("click", () => void this.run());
  }

  private async run(): Promise<void> {
    const { session } = this;
    this.button.disabled = true;
    const wasTraining = session.state === "training";
    await session.pause();
    this.rows.flat().forEach((cell) => setText(cell, "–"));
    let ok = 0;
    for (const [index, cells] of this.rows.entries()) {
      setText(this.status, `Measuring ${index + 1} of ${this.rows.length}: ${chosenLines[index]!.words}…`);
      if (await this.measure(index, cells)) ok++;
    }
    const agreed = ok === this.rows.length ? "All results agree" : `${ok} of ${this.rows.length} rows were measured`;
    setText(this.status, `${agreed}. Medians of many runs in this browser.`);
    this.button.disabled = false;
    setText(this.button, "Run it again");
    if (wasTraining) await session.resume();
  }

  /** Whether it succeeded. */
  private async measure(index: number, cells: readonly HTMLTableCellElement[]): Promise<boolean> {
    const row = cells[0]!.parentElement!;
    row.setAttribute("aria-busy", "true");
    try {
      const worker = new Worker(new URL("./bench.worker.ts", import.meta.url), { type: "module" });
      const answer = await askOnce<BenchAnswer>(worker, { index, budget } satisfies BenchTask);
      if ("problem" in answer) throw new Error(answer.problem);
      const { wasm, naive, tuned } = answer.times;
      [wasm, naive, tuned].forEach((time, i) => {
        cells[i]!.replaceChildren(milliseconds(time));
        if (i > 0) cells[i]!.append(create("span", { class: "ratio" }, ratio(time / wasm)));
      });
      return true;
    } catch (error) {
      setText(cells[0]!, reasonOf(error));
      return false;
    } finally {
      row.removeAttribute("aria-busy");
    }
  }
}
