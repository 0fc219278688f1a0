import type { LinkedProgram } from "../engine/index.js";
import type { MemoryPlan } from "./planner.js";
import { bytesOf, flopsOf } from "./recordWork.js";
import type { Firing } from "./rewrite.js";

/** The parts of a run, in their order. */
export type SectionName = "prepare" | "before" | "forward" | "backward" | "after";

/** A range of a program's records. */
export interface Section {
  readonly first: number;
  readonly count: number;
}

/** What is asked of a program that is explained. */
interface Explained {
  readonly rules: readonly Firing[];
  readonly sections: Readonly<Record<SectionName, Section>>;
  readonly linked: LinkedProgram;
  readonly plan: MemoryPlan;
}

/** A record of a program and what it does. */
export interface ExplainedRecord {
  readonly section: SectionName;
  readonly kernel: string;
  /** What it came from, such as "layer 0 (linear) + layer 1 (relu)". */
  readonly source: string;
  /** Of the memory that it reads or writes, each once. */
  readonly bytes: number;
  /** Floating-point operations; undefined where the shapes do not tell. */
  readonly flops: number | undefined;
  /** What is executed for every element, of a record that is a group of elementwise operations. */
  readonly instructions?: readonly string[];
}

/** What became of a graph when it was compiled. `String(…)` is a table. */
export class Explanation {
  /** Rules that fired, in the order in which they were applied. */
  readonly rules: readonly Firing[];
  /** In the order in which a run executes them. */
  readonly records: readonly ExplainedRecord[];
  /** Sum over the records. */
  readonly bytes: number;
  /** Sum over the records of which it is known. */
  readonly flops: number;
  /** What the program needs of the arena that all programs of an engine share. */
  readonly arenaBytes: number;

  /** Use `program.explain()`. */
  constructor({ sections, linked, plan, rules }: Explained) {
    this.rules = rules;
    this.records = (Object.keys(sections) as SectionName[]).flatMap((section) => {
      const { first, count } = sections[section];
      return linked.calls.slice(first, first + count).map((call) => {
        const { kernel, source, work } = call;
        return { section, kernel, source, ...(work ?? { bytes: bytesOf(call), flops: flopsOf(call) }) };
      });
    });
    this.bytes = this.records.reduce((sum, { bytes }) => sum + bytes, 0);
    this.flops = this.records.reduce((sum, { flops = 0 }) => sum + flops, 0);
    this.arenaBytes = plan.arenaBytes;
  }

  toString(): string {
    const unknown = this.records.filter(({ flops }) => flops === undefined).length;
    return [
      ...this.rules.map(({ rule, times, before, after }) => `${rule}: ${times} ×, ${before} → ${after} nodes`),
      row("section", "kernel", "bytes", "FLOPs", "source"),
      ...this.records.flatMap(({ section, kernel, source, bytes, flops = "?", instructions = [] }) => [
        row(section, kernel, bytes, flops, source),
        ...instructions.map((instruction) => `           ${instruction}`),
      ]),
      row("", `${this.records.length} records`, this.bytes, this.flops, `FLOPs of ${unknown} records are not known`),
      `arena: ${this.arenaBytes} bytes`,
    ].join("\n");
  }
}

function row(section: string, kernel: string, bytes: string | number, flops: string | number, source: string): string {
  return `${section.padEnd(9)}${kernel.padEnd(30)}${String(bytes).padStart(12)}${String(flops).padStart(14)}  ${source}`;
}
