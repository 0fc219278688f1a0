import { create, percent, setText } from "../page/dom.js";
import { classes, indexOfLargest } from "../training/digits.js";

/** Ten bars, one a digit. */
export class Probabilities {
  private readonly rows: readonly { readonly item: HTMLElement; readonly share: HTMLElement }[];

  constructor(
    list: HTMLElement,
    private readonly verdict: HTMLElement,
  ) {
    this.rows = Array.from({ length: classes }, (_, digit) => {
      const share = create("span", { class: "share" }, "–");
      const bar = create("span", { class: "bar", "aria-hidden": "true" });
      const item = create("li", {}, create("span", { class: "digit" }, String(digit)), bar, share);
      return { item, share };
    });
    list.append(...this.rows.map(({ item }) => item));
  }

  /** The likeliest digit and its probability, in words. */
  show(probabilities: Float32Array): string {
    const best = indexOfLargest(probabilities);
    this.rows.forEach(({ item, share }, digit) => {
      const probability = probabilities[digit]!;
      item.style.setProperty("--share", probability.toFixed(4));
      item.classList.toggle("best", digit === best);
      setText(share, percent(probability));
    });
    setText(this.verdict, String(best));
    return `It reads ${best}, at ${percent(probabilities[best]!)}.`;
  }

  clear(): void {
    this.rows.forEach(({ item, share }) => {
      item.style.setProperty("--share", "0");
      item.classList.remove("best");
      setText(share, "–");
    });
    setText(this.verdict, "–");
  }
}
