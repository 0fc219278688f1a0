/** An image of grey bytes, row-major. */
export interface GreyImage {
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** From which grey on a pixel is drawn. */
const threshold = 96;

/** Lines of half-block characters, two rows of pixels each, without the empty margin. */
export function drawImage({ pixels, width, height }: GreyImage): string[] {
  const isSet = (x: number, y: number): boolean => y < height && pixels[y * width + x]! >= threshold;
  const columns = range(width).filter((x) => range(height).some((y) => isSet(x, y)));
  const rows = range(height).filter((y) => range(width).some((x) => isSet(x, y)));
  const [left, right] = [columns[0], columns.at(-1)];
  const [top, bottom] = [rows[0], rows.at(-1)];
  if (left === undefined || right === undefined || top === undefined || bottom === undefined) return [];
  const lines: string[] = [];
  for (let y = top; y <= bottom; y += 2) {
    let line = "";
    for (let x = left; x <= right; x++) {
      const lower = y < bottom && isSet(x, y + 1);
      line += isSet(x, y) ? (lower ? "█" : "▀") : lower ? "▄" : " ";
    }
    lines.push(line);
  }
  return lines;
}

/** Drawings next to each other with their captions above, as many as fit into `columns`. */
export function drawSideBySide(
  drawings: readonly { readonly caption: string; readonly lines: readonly string[] }[],
  columns: number,
): string {
  const gap = "   ";
  const blocks: string[][] = [];
  let used = 0;
  for (const { caption, lines } of drawings) {
    const width = Math.max(caption.length, ...lines.map((line) => line.length));
    used += width + (blocks.length > 0 ? gap.length : 0);
    if (used > columns && blocks.length > 0) break;
    blocks.push([caption, ...lines].map((line) => line.padEnd(width)));
  }
  const height = Math.max(0, ...blocks.map((block) => block.length));
  return range(height)
    .map((row) => blocks.map((block) => block[row] ?? " ".repeat(block[0]!.length)).join(gap))
    .map((line) => line.trimEnd())
    .join("\n");
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}
