// A file as what is to be changed in another: both builds of the kernels come from one source, so most of one is in the other.
// src/engine/delta.ts reads it.

/** Bytes that two places must have in common to be found. */
const seed = 6;
/** Bytes below which a copy costs more than the bytes themselves. */
const shortest = 8;

/**
 * The delta of `target` from `base`: the number of bytes of the commands, the commands, and then the new bytes, one after another.
 * A command is three numbers: so many new bytes, then a copy of so many bytes of the base, which begins so far from where the copy
 * before it ended. Numbers are unsigned LEB128, the last one with its sign in the lowest bit.
 */
export function deltaOf(base, target) {
  const places = placesOf(base);
  const commands = [];
  const fresh = [];
  let [at, pending, next] = [0, 0, 0];
  while (at < target.length) {
    const { from, length } = longestCopy(base, target, at, places.get(keyAt(target, at)) ?? [], next);
    if (length < shortest) {
      fresh.push(target[at++]);
      pending++;
      next++;
      continue;
    }
    const distance = from - (next - pending);
    commands.push(...leb128(pending), ...leb128(length), ...leb128(distance < 0 ? -2 * distance - 1 : 2 * distance));
    at += length;
    next = from + length;
    pending = 0;
  }
  commands.push(...leb128(pending), 0, 0);
  return Uint8Array.from([...leb128(commands.length), ...commands, ...fresh]);
}

/** The longest piece of `base` with which the target goes on; of equal ones that which follows the copy before. */
function longestCopy(base, target, at, candidates, next) {
  let best = { from: 0, length: 0 };
  for (const from of candidates) {
    let length = 0;
    while (at + length < target.length && from + length < base.length && base[from + length] === target[at + length]) {
      length++;
    }
    if (length > best.length || (length === best.length && from === next)) best = { from, length };
  }
  return best;
}

function placesOf(base) {
  const places = new Map();
  for (let at = 0; at + seed <= base.length; at++) {
    const key = keyAt(base, at);
    if (!places.has(key)) places.set(key, []);
    places.get(key).push(at);
  }
  return places;
}

const keyAt = (bytes, at) => bytes.subarray(at, at + seed).join();

function leb128(value) {
  const bytes = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return [...bytes, value];
}
