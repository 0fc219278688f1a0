import { ArgumentError, type Reader, show } from "../engine/index.js";

/** One of some texts. */
export function oneOf<const T extends string>(...texts: readonly T[]): Reader<T> {
  return (name, given) => {
    const text = texts.find((each) => each === given);
    if (text !== undefined) return text;
    throw new ArgumentError(`${name} must be ${texts.map(show).join(" or ")}, got ${show(given)}`);
  };
}
