/** A right call of a public function, whose arguments a test replaces one by one. */
export interface Call {
  /** Arguments of a right call, made anew for each. Those that are options are objects written as literals. */
  readonly values: () => readonly unknown[];
  readonly run: (...values: never[]) => unknown;
  /** Positions, "0" or "0.name", of what may be anything: somebody else looks at it. */
  readonly free?: readonly string[];
  /** Positions of objects that are no options: they may have further properties. */
  readonly objects?: readonly string[];
}

/** Right calls by the names of functions. */
export type Calls = Readonly<Record<string, Call>>;
