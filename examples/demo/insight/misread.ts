import { count, create, element, onThemeChange, setText } from "../page/dom.js";
import { type Inspection, side } from "../training/digits.js";
import { paintDigit } from "./images.js";

/** The held-out digits that the network reads wrongly with most confidence. */
export class MisreadDigits {
  private readonly list = element("misread", HTMLUListElement);
  private readonly note = element("misread-note", HTMLParagraphElement);
  private latest: Inspection | undefined;

  constructor() {
    onThemeChange(() => this.draw());
  }

  clear(): void {
    this.latest = undefined;
    this.list.replaceChildren();
    setText(this.note, "After the first epoch.");
  }

  show(inspection: Inspection): void {
    this.latest = inspection;
    this.draw();
  }

  private draw(): void {
    if (!this.latest) return;
    const { misread, misreadCount } = this.latest;
    setText(
      this.note,
      misreadCount === 0
        ? "Not one held-out digit."
        : `${count(misreadCount)} held-out ${misreadCount === 1 ? "digit" : "digits"}; these with most confidence.`,
    );
    this.list.replaceChildren(
      ...misread.map(({ pixels, label, prediction }) => {
        const canvas = create("canvas", { width: String(side), height: String(side), "aria-hidden": "true" });
        paintDigit(canvas, pixels);
        return create("li", {}, canvas, create("span", {}, `${label} read as ${prediction}`));
      }),
    );
  }
}
