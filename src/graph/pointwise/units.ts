import { constants } from "../../engine/index.js";
import { inputsOf, type Node, outputOf, type Value } from "../node.js";
import { formatShape } from "../shape.js";
import { readFromMemory } from "./instruction.js";

/** Instructions of the longest program: their slots, and what they read and write, should stay in L1. */
const mostInstructions = 64;

/** A node and where it stood in its list. */
interface Member {
  readonly node: Node;
  readonly place: number;
}

/** What is executed as one: a node, or elementwise nodes that become one program, and a reduction of one of their results. */
export class Unit {
  /** In an order of execution. */
  private members: readonly Member[];
  /** Reduces an output of one of the nodes. */
  private reducer: Member | undefined;
  /** Nodes of an earlier list whose results are computed again, before the others. */
  private repeated: readonly Node[] = [];

  constructor(node: Node, place: number) {
    this.members = [{ node, place }];
  }

  /** What computes elements, in an order of execution. */
  get nodes(): readonly Node[] {
    return [...this.repeated, ...this.members.map(({ node }) => node)];
  }

  get reduction(): Node | undefined {
    return this.reducer?.node;
  }

  /** The nodes that stood in the list. */
  get own(): readonly Node[] {
    return this.all.map(({ node }) => node);
  }

  /** Where these stood. */
  get places(): readonly number[] {
    return this.all.map(({ place }) => place);
  }

  get first(): number {
    return this.members[0]!.place;
  }

  get last(): number {
    return Math.max(this.members.at(-1)!.place, this.reducer?.place ?? 0);
  }

  /** Whether elementwise nodes may join it. */
  get isPointwise(): boolean {
    return this.members[0]!.node.operation.pointwise !== undefined;
  }

  get shape(): string {
    return formatShape(outputOf(this.members[0]!.node).shape);
  }

  get outputs(): readonly Value[] {
    return this.own.flatMap(({ outputs }) => Object.values(outputs));
  }

  /** What it reads that it does not compute itself. */
  get inputs(): readonly Value[] {
    const computed = new Set([...this.repeated.map(outputOf), ...this.outputs]);
    return [...new Set([...this.repeated, ...this.own].flatMap(inputsOf))].filter((input) => !computed.has(input));
  }

  /** Takes over what another consists of. */
  add({ members, reducer }: Unit): void {
    this.members = [...this.members, ...members].sort((a, b) => a.place - b.place);
    this.reducer ??= reducer;
  }

  /** Reduces one of its results by a node of a unit of its own. */
  reduceBy({ members }: Unit): void {
    this.reducer = members[0];
  }

  /** Computes first what `copies` do. @param rename has a node read their results */
  repeat(copies: readonly Node[], rename: (node: Node) => Node): void {
    const renamed = ({ node, place }: Member): Member => ({ node: rename(node), place });
    this.repeated = [...this.repeated, ...copies];
    this.members = this.members.map(renamed);
    this.reducer &&= renamed(this.reducer);
  }

  private get all(): readonly Member[] {
    return this.reducer ? [...this.members, this.reducer] : this.members;
  }
}

/** Whether a program of these nodes fits into a record. @param stored values of theirs that are written to memory */
export function fitsRecord(nodes: readonly Node[], stored: readonly Value[]): boolean {
  const { values, scalars } = readFromMemory(nodes);
  return nodes.length <= mostInstructions && values.size + scalars.size + stored.length <= constants.POINTWISE_ARRAYS;
}

/**
 * Divides a list of nodes, which is in an order of execution, into units. A node joins the units that compute what it reads, or
 * that read the same as it, if all have one shape and no unit outside is on a way from one to the other: units then can be
 * executed one after another.
 */
export class Units {
  private readonly units = new Set<Unit>();
  /** By what they compute. */
  private readonly unitOf = new Map<Value, Unit>();
  private readonly unitAt: (Unit | undefined)[];
  /** Places of the nodes that read a value. */
  private readonly readers = new Map<Value, number[]>();
  /** The last place of a unit and of all that it follows from. */
  private readonly horizons = new Map<Unit, number>();
  private readonly read: ReadonlySet<Value>;

  /** @param read values that others read, too */
  constructor(list: readonly Node[], read: Iterable<Value>) {
    this.read = new Set(read);
    this.unitAt = new Array<Unit | undefined>(list.length);
    list.forEach((node, place) => {
      for (const input of new Set(inputsOf(node))) {
        const readers = this.readers.get(input);
        if (readers) readers.push(place);
        else this.readers.set(input, [place]);
      }
    });
    list.forEach((node, place) => {
      const unit = new Unit(node, place);
      this.units.add(unit);
      this.claim(unit);
      this.horizons.set(unit, place);
      if (node.operation.pointwise) this.join(unit);
      else if (node.operation.reduce) this.joinReduction(unit);
    });
  }

  /** The units in an order of execution: each where its last node stood, or before the first that reads what it computes. */
  ordered(): readonly Unit[] {
    const done = new Set<Unit>();
    const order: Unit[] = [];
    const visit = (unit: Unit): void => {
      if (done.has(unit)) return;
      done.add(unit);
      for (const input of unit.inputs) {
        const producer = this.unitOf.get(input);
        if (producer && producer !== unit) visit(producer);
      }
      order.push(unit);
    };
    for (const unit of [...this.units].sort((a, b) => a.last - b.last)) visit(unit);
    return order;
  }

  /** The outputs of a unit that something else reads. */
  stored(unit: Unit): readonly Value[] {
    return unit.outputs.filter((output) => {
      return this.read.has(output) || this.readers.get(output)?.some((place) => this.unitAt[place] !== unit);
    });
  }

  private claim(unit: Unit): void {
    for (const output of unit.outputs) this.unitOf.set(output, unit);
    for (const place of unit.places) this.unitAt[place] = unit;
  }

  /** Joins a new unit with those of what it reads, then with those that read the same. */
  private join(added: Unit): void {
    let unit = added;
    const inputs = added.inputs;
    const producers = inputs.flatMap((input) => this.unitOf.get(input) ?? []);
    const siblings = inputs.flatMap((input) => (isWorthSharing(input) ? (this.readers.get(input) ?? []) : []));
    const others = [...producers, ...siblings.flatMap((place) => this.unitAt[place] ?? []).reverse()];
    for (const other of new Set(others)) {
      if (other !== unit && this.units.has(other) && this.canJoin(other, unit)) unit = this.merge(other, unit);
    }
  }

  private joinReduction(added: Unit): void {
    const [input] = added.inputs as [Value];
    const unit = this.unitOf.get(input);
    if (!unit?.isPointwise || unit.reduction || formatShape(input.shape) !== unit.shape) return;
    // What counts elements by sixteens needs blocks that begin at multiples of them.
    if (unit.nodes.some(({ operation }) => operation.isVolatile)) return;
    if (!fitsRecord(unit.nodes, this.stored(unit))) return;
    unit.reduceBy(added);
    this.units.delete(added);
    this.claim(unit);
    this.raise(unit, unit.last);
  }

  private canJoin(other: Unit, unit: Unit): boolean {
    if (!other.isPointwise || other.shape !== unit.shape) return false;
    if (other.reduction && unit.reduction) return false;
    const reduced = [other, unit].flatMap(({ reduction }) => (reduction ? Object.values(reduction.outputs) : []));
    if ([...other.inputs, ...unit.inputs].some((input) => reduced.includes(input))) return false;
    const nodes = [...other.nodes, ...unit.nodes];
    if (reduced.length > 0 && nodes.some(({ operation }) => operation.isVolatile)) return false;
    if (this.leadsTo(other, unit) || this.leadsTo(unit, other)) return false;
    return fitsRecord(nodes, [...this.stored(other), ...this.stored(unit)]);
  }

  /** Whether something outside both reads of one and is read, in the end, by the other. */
  private leadsTo(from: Unit, to: Unit): boolean {
    const seen = new Set<Unit>([from, to]);
    const waiting = to.inputs.flatMap((input) => this.unitOf.get(input) ?? []).filter((unit) => unit !== from);
    while (waiting.length > 0) {
      const unit = waiting.pop()!;
      // Where all that it follows from ends before the first begins, none of that reads of it.
      if (seen.has(unit) || this.horizons.get(unit)! < from.first) continue;
      seen.add(unit);
      for (const input of unit.inputs) {
        const producer = this.unitOf.get(input);
        if (producer === from) return true;
        if (producer) waiting.push(producer);
      }
    }
    return false;
  }

  private merge(first: Unit, second: Unit): Unit {
    const [into, from] = first.first <= second.first ? [first, second] : [second, first];
    into.add(from);
    this.units.delete(from);
    this.claim(into);
    const horizon = Math.max(this.horizons.get(into)!, this.horizons.get(from)!);
    this.horizons.set(into, -1);
    this.raise(into, horizon);
    return into;
  }

  /** Moves the horizon of a unit, and of all that follow from it, on to a place. */
  private raise(from: Unit, horizon: number): void {
    const waiting = [from];
    while (waiting.length > 0) {
      const unit = waiting.pop()!;
      if (this.horizons.get(unit)! >= horizon) continue;
      this.horizons.set(unit, horizon);
      for (const output of unit.outputs) {
        for (const place of this.readers.get(output) ?? []) {
          const reader = this.unitAt[place];
          if (reader && reader !== unit) waiting.push(reader);
        }
      }
    }
  }
}

/** Whether reading a value once instead of twice saves anything: a few numbers are in the cache. */
function isWorthSharing({ constant, size }: Value): boolean {
  return constant === undefined && size > constants.POINTWISE_BLOCK;
}
