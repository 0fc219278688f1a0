import { paint, paintDigit, parseColor } from "../insight/images.js";
import { context2d, create, onThemeChange, themeColor } from "../page/dom.js";
import { side } from "../training/digits.js";
import { normalizeDigit } from "./normalize.js";

/** Of a canvas 336 pixels wide: once scaled to MNIST's size, as thick as the strokes there. */
const brush = 28;

/** A canvas to draw a digit on with mouse, finger or pen. */
export class Pad {
  private readonly context: CanvasRenderingContext2D;
  private last: { x: number; y: number } | undefined;
  /** The part of the canvas that was drawn on. */
  private inked = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };

  /**
   * @param onStroke called whenever the drawing changed
   * @param onEnd called when a stroke is done
   */
  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly onStroke: () => void,
    private readonly onEnd: () => void,
  ) {
    this.context = context2d(canvas);
    canvas.addEventListener("pointerdown", (event) => {
      if (!event.isPrimary || event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      this.last = this.pointOf(event);
      this.strokeTo(event);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!this.last) return;
      // Between two frames the pointer may have been at several places. Older browsers and pages over plain HTTP do not tell.
      const before = "getCoalescedEvents" in event ? event.getCoalescedEvents() : [];
      for (const at of [...before, event]) this.strokeTo(at);
    });
    for (const type of ["pointerup", "pointercancel"]) canvas.addEventListener(type, () => this.end());
    onThemeChange(() => this.recolor());
  }

  clear(): void {
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.inked = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };
  }

  /** Shows a digit of 28 × 28 pixels, to be drawn over. */
  show(digit: Uint8Array): void {
    const small = create("canvas", { width: String(side), height: String(side) });
    paintDigit(small, digit);
    this.clear();
    const { width, height } = this.canvas;
    this.context.drawImage(small, 0, 0, width, height);
    this.inked = { left: 0, right: width, top: 0, bottom: height };
  }

  /** What is drawn, as digits of MNIST are; undefined if nothing is. */
  digit(): Uint8Array | undefined {
    const { left, right, top, bottom } = this.inked;
    const [width, height] = [right - left, bottom - top];
    if (!(width > 0 && height > 0)) return undefined;
    // No more than is needed, for this runs with every frame of a stroke.
    const { data } = this.context.getImageData(left, top, width, height);
    const ink = new Float32Array(width * height);
    for (let i = 0; i < ink.length; i++) ink[i] = data[4 * i + 3]! / 255;
    return normalizeDigit(ink, width, height);
  }

  private pointOf(event: PointerEvent): { x: number; y: number } {
    const box = this.canvas.getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) / box.width) * this.canvas.width,
      y: ((event.clientY - box.top) / box.height) * this.canvas.height,
    };
  }

  private strokeTo(event: PointerEvent): void {
    const { context } = this;
    const to = this.pointOf(event);
    const from = this.last ?? to;
    context.strokeStyle = themeColor("ink");
    context.lineWidth = brush;
    context.lineCap = "round";
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(to.x, to.y);
    context.stroke();
    this.extend(from);
    this.extend(to);
    this.last = to;
    this.onStroke();
  }

  private extend({ x, y }: { x: number; y: number }): void {
    const { width, height } = this.canvas;
    const { left, right, top, bottom } = this.inked;
    const reach = brush / 2 + 1;
    this.inked = {
      left: Math.max(0, Math.min(left, Math.floor(x - reach))),
      right: Math.min(width, Math.max(right, Math.ceil(x + reach))),
      top: Math.max(0, Math.min(top, Math.floor(y - reach))),
      bottom: Math.min(height, Math.max(bottom, Math.ceil(y + reach))),
    };
  }

  private end(): void {
    if (!this.last) return;
    this.last = undefined;
    this.onEnd();
  }

  private recolor(): void {
    const { width, height } = this.canvas;
    const { data } = this.context.getImageData(0, 0, width, height);
    const ink = parseColor(themeColor("ink"));
    paint(this.canvas, (i) => [ink, data[4 * i + 3]! / 255]);
  }
}
