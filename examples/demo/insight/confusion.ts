import { create, setText } from "../page/dom.js";
import { classes } from "../training/digits.js";

/** The confusion matrix as a table whose cells are shaded by their share of the row. */
export class ConfusionTable {
  private readonly cells: readonly (readonly HTMLTableCellElement[])[];

  constructor(table: HTMLTableElement) {
    const digits = Array.from({ length: classes }, (_, digit) => digit);
    this.cells = digits.map((label) =>
      digits.map((prediction) => create("td", { class: label === prediction ? "right" : "wrong" })),
    );
    const corner = create("td", { class: "corner", "aria-hidden": "true" }, "true ╲ read");
    const heads = digits.map((digit) => create("th", { scope: "col" }, String(digit)));
    const rows = this.cells.map((row, label) =>
      create("tr", {}, create("th", { scope: "row" }, String(label)), ...row),
    );
    table.append(create("thead", {}, create("tr", {}, corner, ...heads)), create("tbody", {}, ...rows));
  }

  clear(): void {
    this.show(this.cells.map((row) => row.map(() => 0)));
  }

  show(matrix: readonly (readonly number[])[]): void {
    matrix.forEach((row, label) => {
      const total = Math.max(
        1,
        row.reduce((sum, value) => sum + value, 0),
      );
      row.forEach((value, prediction) => {
        const cell = this.cells[label]![prediction]!;
        setText(cell, value === 0 ? "" : String(value));
        // Mistakes are few: the root lets them be seen.
        cell.style.setProperty("--share", Math.sqrt(value / total).toFixed(3));
      });
    });
  }
}
