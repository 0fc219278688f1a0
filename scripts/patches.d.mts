/** Types of patches.mjs for its test. */
export interface Addition {
  readonly patch: string;
  readonly name: string;
  readonly files: number;
  readonly layers: number;
}
export interface Change {
  readonly path: string;
  readonly kind: "source" | "layer" | "documentation" | "test";
  readonly lines: readonly string[];
}
export const additions: readonly Addition[];
export function changesOf(root: string, addition: Addition): readonly Change[];
export function excessOf(addition: Addition, changes: readonly Change[]): readonly string[];
export function copyChanged(root: string, folder: string, changes: readonly Change[]): void;
export function apply(root: string, folder: string, addition: Addition): void;
