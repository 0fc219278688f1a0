import { context2d, themeColor } from "../page/dom.js";

export type Color = readonly [red: number, green: number, blue: number];

/** A colour of the style sheet as numbers: a canvas converts any notation. */
export function parseColor(text: string): Color {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = context2d(canvas);
  context.fillStyle = text;
  context.fillRect(0, 0, 1, 1);
  const { data } = context.getImageData(0, 0, 1, 1);
  return [data[0]!, data[1]!, data[2]!];
}

/** Paints a canvas pixel by pixel, in the colour that `colorOf` gives each index, with an opacity from 0 to 1. */
export function paint(canvas: HTMLCanvasElement, colorOf: (index: number) => readonly [Color, number]): void {
  const context = context2d(canvas);
  const image = context.createImageData(canvas.width, canvas.height);
  for (let i = 0; i < canvas.width * canvas.height; i++) {
    const [[red, green, blue], opacity] = colorOf(i);
    image.data.set([red, green, blue, Math.round(255 * opacity)], 4 * i);
  }
  context.putImageData(image, 0, 0);
}

/** Grey bytes, as ink on paper. */
export function paintDigit(canvas: HTMLCanvasElement, digit: Uint8Array): void {
  const ink = parseColor(themeColor("ink"));
  paint(canvas, (i) => [ink, digit[i]! / 255]);
}
