import { dropSixteen, DROPOUT_GROUP } from "../../random/philox";
import { Operands } from "../operands";

/**
 * y = a · scale where a random word is at least a threshold, else 0. b and c are one number each, u32: seed and step. d has the number
 * of the stream, u32, the threshold p·2³², u32, and the scale. Forward and backward are this same instruction: the words follow from
 * (seed, step, stream, place of the element) alone, so that nothing is stored between them, and the result does not depend on
 * blocks or threads, which begin at multiples of 16 elements: group g of those has the counters from 4·g on.
 */
export function dropout(at: Operands): void {
  const seed = load<u32>(at.b);
  const step = v128.load32_splat(at.c);
  const stream = v128.load32_splat(at.d);
  const threshold = v128.load32_splat(at.d, 4);
  const scale = v128.load32_splat(at.d, 8);
  assert((at.first & (DROPOUT_GROUP - 1)) == 0);
  let counter = at.first >> 2;
  const y = at.y;
  const a = at.a;
  const maskA = at.maskA;
  const bytes = at.bytes;
  for (let offset: usize = 0; offset < bytes; offset += 64, counter += 4) {
    dropSixteen(a + (offset & maskA), y + offset, counter, seed, step, stream, threshold, scale);
  }
}
