/**
 * The first key that occurs twice in one object of a JSON text, which `JSON.parse` passes over in silence.
 * @param json a text that `JSON.parse` accepts
 */
export function findDuplicateKey(json: string): string | undefined {
  /** Keys of the objects that are open; undefined for an open array. */
  const open: (Set<string> | undefined)[] = [];
  let expectsKey = false;
  for (let at = 0; at < json.length; at++) {
    switch (json.charAt(at)) {
      case "{":
        open.push(new Set());
        expectsKey = true;
        break;
      case "[":
        open.push(undefined);
        expectsKey = false;
        break;
      case "}":
      case "]":
        open.pop();
        expectsKey = false;
        break;
      case ",":
        expectsKey = open.at(-1) !== undefined;
        break;
      case '"': {
        const end = endOfString(json, at);
        if (expectsKey) {
          // Parsed, because "a" and "\u0061" are the same key.
          const key = JSON.parse(json.slice(at, end)) as string;
          const keys = open.at(-1);
          if (keys?.has(key)) return key;
          keys?.add(key);
          expectsKey = false;
        }
        at = end - 1;
      }
    }
  }
  return undefined;
}

/** Where the string that opens at `start` ends, behind its closing quote. */
function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (json[at] !== '"') at += json[at] === "\\" ? 2 : 1;
  return at + 1;
}
