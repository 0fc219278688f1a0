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
      // Between two frames the pointer may have been at several places.
      if (this.last) [...event.getCoalescedEvents(), event].forEach((at) => this.strokeTo(at));
    });
    for (const type of ["pointerup", "pointercancel"]) canvas.addEventListener(type, () => this.end());
    onThemeChange(() => this.recolor());
  }

  clear(): void {
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  /** Shows a digit of 28 × 28 pixels, to be drawn over. */
  show(digit: Uint8Array): void {
    const small = create("canvas", { width: String(side), height: String(side) });
    paintDigit(small, digit);
    this.clear();
    this.context.drawImage(small, 0, 0, this.canvas.width, this.canvas.height);
  }

  /** What is drawn, as digits of MNIST are; undefined if nothing is. */
  digit(): Uint8Array | undefined {
    const { width, height } = this.canvas;
    const { data } = this.context.getImageData(0, 0, width, height);
    // A loop, because this runs with every frame of a stroke, and Float32Array.from would take most of it.
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
    this.last = to;
    this.onStroke();
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
