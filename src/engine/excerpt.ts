// What errors show of files and shapes: short, whatever those hold.

/**
 * The JSON of a value, cut after `limit` characters. No more of the value is read than is shown, so that what a file
 * holds costs nothing to report.
 */
export function excerpt(value: unknown, limit = 80): string {
  let text = "";
  // Every level adds a character, so recursion ends at `limit` levels.
  const write = (item: unknown): void => {
    if (text.length > limit) return;
    if (typeof item === "string") text += JSON.stringify(item.slice(0, limit + 1));
    else if (Array.isArray(item)) {
      text += "[";
      for (let i = 0; i < item.length && text.length <= limit; i++) {
        if (i > 0) text += ",";
        write(item[i]);
      }
      text += "]";
    } else if (typeof item === "object" && item !== null) {
      text += "{";
      let separator = "";
      for (const [key, member] of Object.entries(item)) {
        if (text.length > limit) break;
        text += `${separator}${JSON.stringify(key.slice(0, limit + 1))}:`;
        write(member);
        separator = ",";
      }
      text += "}";
    } else text += String(item);
  };
  write(value);
  return text.length > limit ? `${text.slice(0, limit)}…` : text;
}

/** A shape as "[2, 3]", with no more than its first eight dimensions. */
export function excerptOfShape(shape: readonly number[]): string {
  const shown = shape.slice(0, 8).join(", ");
  return shape.length > 8 ? `[${shown}, … ${shape.length} dimensions]` : `[${shown}]`;
}
