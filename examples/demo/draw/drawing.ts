import { paint, paintDigit } from "../insight/images.js";
import type { Announcer } from "../page/announcer.js";
import { create, element, onThemeChange } from "../page/dom.js";
import { showError } from "../page/problems.js";
import { classes, softmax } from "../training/digits.js";
import type { Session } from "../training/session.js";
import { Pad } from "./pad.js";
import { Probabilities } from "./probabilities.js";

/** While it trains, what it makes of the drawing is asked anew this often. */
const refreshMilliseconds = 200;

/** The drawing, what the network sees of it, and what it reads. */
export class Drawing {
  private readonly pad = new Pad(
    element("pad", HTMLCanvasElement),
    () => this.requestReading(),
    () => void this.read(true),
  );
  private readonly seen = element("seen", HTMLCanvasElement);
  private readonly probabilities = new Probabilities(
    element("probabilities", HTMLOListElement),
    element("verdict", HTMLOutputElement),
  );
  private digit: Uint8Array | undefined;
  private readonly turns = new Array<number>(classes).fill(0);
  /** Counts what was done to the drawing, so that a sample that comes late does not overwrite newer strokes. */
  private changes = 0;
  private isRequested = false;
  private isReading = false;
  private lastReading = -Infinity;

  constructor(
    private readonly session: Session,
    private readonly announcer: Announcer,
  ) {
    element("clear", HTMLButtonElement).addEventListener("click", () => this.clear());
    element("samples", HTMLDivElement).append(
      ...this.turns.map((_, label) => {
        const button = create("button", { type: "button", "aria-label": `A held-out ${label}` }, String(label));
        button.addEventListener("click", () => void this.showSample(label));
        return button;
      }),
    );
    onThemeChange(() => this.paintSeen());
    session.listen({
      onPrepared: () => void this.read(false),
      onLoaded: () => void this.read(false),
      onEpoch: () => void this.read(false),
      onProgress: () => {
        if (performance.now() - this.lastReading > refreshMilliseconds) void this.read(false);
      },
    });
  }

  private clear(): void {
    this.changes++;
    this.pad.clear();
    this.digit = undefined;
    this.paintSeen();
    this.probabilities.clear();
    this.announcer.say("The drawing is cleared.");
  }

  private async showSample(label: number): Promise<void> {
    if (!this.session.hasModel) return;
    const change = ++this.changes;
    try {
      const sample = await this.session.call("sample", label, this.turns[label]!++);
      if (!sample || change !== this.changes) return;
      this.pad.show(sample);
      // As it is: it was centred when the data set was made.
      this.digit = sample;
      this.paintSeen();
      await this.read(true);
    } catch (error) {
      showError(error);
    }
  }

  /** Reads the drawing with the next frame, however many strokes come before. */
  private requestReading(): void {
    this.changes++;
    if (this.isRequested) return;
    this.isRequested = true;
    requestAnimationFrame(() => {
      this.isRequested = false;
      this.takeDrawing();
      void this.read(false);
    });
  }

  private takeDrawing(): void {
    this.digit = this.pad.digit();
    this.paintSeen();
  }

  private paintSeen(): void {
    const { digit } = this;
    if (digit) paintDigit(this.seen, digit);
    else paint(this.seen, () => [[0, 0, 0], 0]);
  }

  private async read(isToBeSaid: boolean): Promise<void> {
    const { digit } = this;
    if (!digit || !this.session.hasModel || (this.isReading && !isToBeSaid)) return;
    this.isReading = true;
    this.lastReading = performance.now();
    try {
      const logits = await this.session.predict(digit);
      // What was drawn meanwhile is read next.
      if (this.digit === undefined) return;
      const words = this.probabilities.show(softmax(logits));
      if (isToBeSaid) this.announcer.say(words);
    } catch (error) {
      showError(error);
    } finally {
      this.isReading = false;
    }
    if (this.digit !== digit) await this.read(isToBeSaid);
  }
}
