/**
 * y[r, c] = x[c, r] for `rows` × `columns` 4-byte elements: element (r, c) lies at x + 4·r + c·`pitchX`, and goes to
 * y + r·`pitchY` + 4·c. Four rows of x at a time are read from one end to the other, so that each line of the cache is read once.
 */
export function transposeWords(x: usize, pitchX: usize, y: usize, pitchY: usize, rows: i32, columns: i32): void {
  const end = x + ((<usize>rows) << 2);
  const lastVector = x + ((<usize>(rows & ~3)) << 2);
  let column = 0;
  for (; column + 4 <= columns; column += 4) {
    let to = y + ((<usize>column) << 2);
    let from = x + <usize>column * pitchX;
    const stop = lastVector + <usize>column * pitchX;
    for (; from < stop; from += 16) {
      const a = v128.load(from);
      const b = v128.load(from + pitchX);
      const c = v128.load(from + 2 * pitchX);
      const d = v128.load(from + 3 * pitchX);
      const lowAB = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
      const lowCD = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
      const highAB = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
      const highCD = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
      v128.store(to, v128.shuffle<i64>(lowAB, lowCD, 0, 2));
      v128.store(to + pitchY, v128.shuffle<i64>(lowAB, lowCD, 1, 3));
      v128.store(to + 2 * pitchY, v128.shuffle<i64>(highAB, highCD, 0, 2));
      v128.store(to + 3 * pitchY, v128.shuffle<i64>(highAB, highCD, 1, 3));
      to += pitchY << 2;
    }
    const stopWords = end + <usize>column * pitchX;
    for (; from < stopWords; from += 4) {
      store<i32>(to, load<i32>(from));
      store<i32>(to, load<i32>(from + pitchX), 4);
      store<i32>(to, load<i32>(from + 2 * pitchX), 8);
      store<i32>(to, load<i32>(from + 3 * pitchX), 12);
      to += pitchY;
    }
  }
  for (; column < columns; column++) {
    let to = y + ((<usize>column) << 2);
    const stop = end + <usize>column * pitchX;
    for (let from = x + <usize>column * pitchX; from < stop; from += 4) {
      store<i32>(to, load<i32>(from));
      to += pitchY;
    }
  }
}

/** The same for elements of type T, one by one. */
// @ts-ignore: decorator
@inline
export function transposeElements<T>(x: usize, pitchX: usize, y: usize, pitchY: usize, rows: i32, columns: i32): void {
  for (let column = 0; column < columns; column++) {
    let from = x + <usize>column * pitchX;
    let to = y + <usize>column * sizeof<T>();
    for (let row = 0; row < rows; row++, from += sizeof<T>(), to += pitchY) store<T>(to, load<T>(from));
  }
}
