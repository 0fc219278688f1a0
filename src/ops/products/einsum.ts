import { ArgumentError, ShapeError, show } from "../../engine/index.js";
import { checkValues, formatValue, reshaped, sizeOf, titleOfType, type Value } from "../../graph/index.js";
import { multiply } from "../elementwise/multiply.js";
import { sum } from "../reductions/sum.js";
import { permuted } from "../structure/permute.js";
import { slice } from "../structure/slice.js";
import { matmul } from "./matmul.js";

/** A value whose axes have labels: letters, and for the axes of an ellipsis their places from its last. */
interface Labelled {
  readonly x: Value;
  readonly labels: readonly string[];
}

const isLetter = (label: string): boolean => /^[A-Za-z]$/.test(label);

function wrong(equation: unknown, problem: string): ArgumentError {
  return new ArgumentError(
    `einsum: ${problem} in ${show(equation)}; write labels of axes as letters, such as "bij,bjk->bik", and "..." for any others`,
  );
}

/** The labels of one term; of the axes that an ellipsis stands for, so many. */
function labelsOf(equation: string, term: string, ellipsis: number): readonly string[] {
  const [before = "", after, more] = term.split("...");
  const [first, last] = [Array.from(before), Array.from(after ?? "")];
  const other = [...first, ...last].find((letter) => !isLetter(letter));
  if (other !== undefined) throw wrong(equation, `${show(other)} is no letter`);
  if (more !== undefined) throw wrong(equation, "there is a second ellipsis");
  const between = after === undefined ? [] : Array.from({ length: ellipsis }, (_, i) => `.${ellipsis - i}`);
  return [...first, ...between, ...last];
}

/** The terms of the operands with their labels, and those of the result. */
function parse(equation: string, operands: readonly Value[]) {
  const [left, right, more] = equation.replaceAll(" ", "").split("->");
  const terms = left!.split(",");
  if (more !== undefined) throw wrong(equation, `there are two arrows`);
  if (terms.length !== operands.length) {
    throw wrong(equation, `there are ${terms.length} terms for ${operands.length} operands`);
  }
  const given = operands.map((x, i): Labelled => {
    const term = terms[i]!;
    const rank = x.shape.length;
    const named = term.replace("...", "").length;
    if (term.includes("...") ? named > rank : named !== rank) {
      throw new ShapeError(`einsum: ${show(term)} in ${show(equation)} names other axes than ${formatValue(x)} has`);
    }
    return { x, labels: labelsOf(equation, term, rank - named) };
  });
  const all = given.flatMap(({ labels }) => labels);
  const spread = Math.max(0, ...all.filter((label) => !isLetter(label)).map((label) => Number(label.slice(1))));
  const ellipsis = labelsOf(equation, "...", spread);
  // Without an arrow: the axes of ellipses, then the letters that come once, in the order of their codes.
  const implied = [
    ...ellipsis,
    ...all.filter((label, i) => isLetter(label) && all.indexOf(label) === i && all.lastIndexOf(label) === i).sort(),
  ];
  const result = right === undefined ? implied : labelsOf(equation, right, spread);
  const unknown = result.find((label, i) => !all.includes(label) || result.indexOf(label) !== i);
  if (unknown !== undefined) throw wrong(equation, `the result names ${show(unknown)} twice, or no operand has it,`);
  return { given, result };
}

/** Each label once: of axes that share one, the diagonal. */
function withDiagonals({ x, labels }: Labelled): Labelled {
  const first = labels.findIndex((label, i) => labels.indexOf(label) !== i);
  if (first < 0) return { x, labels };
  const twin = labels.indexOf(labels[first]!);
  const rest = labels.map((_, i) => i).filter((i) => i !== first && i !== twin);
  const length = x.shape[first]!;
  const shape = rest.map((i) => x.shape[i]!);
  const square = reshaped(permuted(x, [...rest, twin, first]), [...shape, length * length]);
  const diagonal = slice(square, [...shape.map(() => null), [null, null, length + 1]]);
  return withDiagonals({ x: diagonal, labels: [...rest.map((i) => labels[i]!), labels[first]!] });
}

/** The sum over axes with some labels. */
function summed({ x, labels }: Labelled, over: (label: string, length: number) => boolean): Labelled {
  const axes = labels.flatMap((label, i) => (over(label, x.shape[i]!) ? [i] : []));
  if (axes.length === 0) return { x, labels };
  return { x: sum(x, { axes }), labels: labels.filter((_, i) => !axes.includes(i)) };
}

/** Axes in the order of some labels: those that are missing have length 1. */
function ordered({ x, labels }: Labelled, wanted: readonly string[]): Value {
  const present = wanted.filter((label) => labels.includes(label));
  const turned = permuted(
    x,
    present.map((label) => labels.indexOf(label)),
  );
  let at = 0;
  return reshaped(
    turned,
    wanted.map((label) => (labels.includes(label) ? turned.shape[at++]! : 1)),
  );
}

/** The product of two operands, summed over the labels that are not needed any more. */
function contracted(first: Labelled, second: Labelled, isNeeded: (label: string) => boolean): Labelled {
  const lengthIn = ({ x, labels }: Labelled, label: string): number => x.shape[labels.indexOf(label)] ?? 1;
  const [a, b] = [
    [first, second],
    [second, first],
  ].map(([own, other]) =>
    // What is of one operand alone, or repeated in the other, is summed before.
    summed(own!, (label, length) => !isNeeded(label) && (length === 1 || lengthIn(other!, label) === 1)),
  ) as [Labelled, Labelled];
  const shared = a.labels.filter((label) => b.labels.includes(label));
  const batch = shared.filter(isNeeded);
  const inner = shared.filter((label) => !isNeeded(label));
  const own = [a, b].map(({ labels }) => labels.filter((label) => !shared.includes(label))) as [string[], string[]];
  const labels = [...batch, ...own[0], ...own[1]];
  if (inner.length === 0) return { x: multiply(ordered(a, labels), ordered(b, labels)), labels };
  const [left, right] = [ordered(a, [...batch, ...own[0], ...inner]), ordered(b, [...batch, ...inner, ...own[1]])];
  const lengths = (x: Labelled, names: readonly string[]): number[] => names.map((label) => lengthIn(x, label));
  const [M, N, K] = [lengths(a, own[0]), lengths(b, own[1]), lengths(a, inner)].map(sizeOf) as [number, number, number];
  const stack = (x: Value): readonly number[] => x.shape.slice(0, batch.length);
  const product = matmul(reshaped(left, [...stack(left), M, K]), reshaped(right, [...stack(right), K, N]));
  const shape = [...stack(product), ...lengths(a, own[0]), ...lengths(b, own[1])];
  return { x: reshaped(product, shape), labels };
}

/**
 * Sums of products by Einstein's convention, as NumPy's and PyTorch's einsum: einsum("bij,bjk->bik", a, b) multiplies matrices. Axes
 * have letters; those that the result does not name are summed over. A letter that comes twice in a term takes the diagonal, "..."
 * stands for any further axes, which broadcast, and so do axes of length 1. Without an arrow the result has the letters that come
 * once, in the order of the alphabet, capitals first. Operands are multiplied from the left to the right.
 * @throws ArgumentError for an equation that is none, ShapeError for operands that do not fit it
 */
export function einsum(equation: string, ...operands: Value[]): Value {
  if (typeof equation !== "string") throw wrong(equation, "there is no text");
  checkValues("einsum", ...operands);
  const { given, result } = parse(equation, operands);
  checkLengths(equation, given);
  const [first, ...rest] = given.map(withDiagonals) as [Labelled, ...Labelled[]];
  const total = rest.reduce((product, operand, i) => {
    const later = new Set([...result, ...rest.slice(i + 1).flatMap(({ labels }) => labels)]);
    return contracted(product, operand, (label) => later.has(label));
  }, first);
  const { x, labels } = summed(total, (label) => !result.includes(label));
  return permuted(
    x,
    result.map((label) => labels.indexOf(label)),
  );
}

/** Throws unless all are float32, and axes of one label have one length, or 1. */
function checkLengths(equation: string, given: readonly Labelled[]): void {
  const known = new Map<string, number>();
  for (const { x, labels } of given) {
    if (x.dataType !== "f32") {
      throw new ArgumentError(
        `einsum: wants float32, ${x.label} holds ${titleOfType(x.dataType)}; convert it by cast(x, "f32")`,
      );
    }
    labels.forEach((label, i) => {
      const length = x.shape[i]!;
      const before = known.get(label) ?? 1;
      const isTwin = labels.some((other, j) => other === label && x.shape[j] !== length);
      if ((before !== 1 && length !== 1 && before !== length) || isTwin) {
        throw new ShapeError(
          `einsum: axis ${show(label)} of ${show(equation)} has length ${length} in ${formatValue(x)}, and ${before} elsewhere`,
        );
      }
      if (length !== 1) known.set(label, length);
    });
  }
}
