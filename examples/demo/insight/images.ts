import { context2d, themeColor } from "../page/dom.js";

export type Color = readonly [red: number, green: number, blue: number];

/** A colour of the style sheet, which writes them as #rrggbb, as numbers. */
export function parseColor(text: string): Color {
  const value = Number.parseInt(text.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/** Paints a canvas pixel by pixel, in the colour that `colorOf` gives each index, with an opacity from 0 to 1. */
export function paint(canvas: HTMLCanvasElement, colorOf: (index: number) => readonly [Color, number]): void {
  const context = context2d(canvas);
  const image = context.createImageData(canvas.width, canvas.height);
  for (let i = 0; i < canvas.width * canvas.height; i++) {
    const [color, opacity] = colorOf(i);
    image.data.set(color, 4 * i);
    image.data[4 * i + 3] = Math.round(255 * opacity);
  }
  context.putImageData(image, 0, 0);
}

/** Grey bytes, as ink on paper. */
export function paintDigit(canvas: HTMLCanvasElement, digit: Uint8Array): void {
  const ink = parseColor(themeColor("ink"));
  paint(canvas, (i) => [ink, digit[i]! / 255]);
}
