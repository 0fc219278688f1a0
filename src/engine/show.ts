/** A value as an error message tells what was given: short, whatever it is. */
export function show(value: unknown): string {
  try {
    return shown(value);
  } catch {
    // A proxy that was revoked or throws, a function whose name is no text.
    return `${typeof value === "object" ? "an" : "a"} ${typeof value} that cannot be read`;
  }
}

function shown(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
    case "bigint":
      return `the bigint ${value}`;
    case "symbol":
      return "a symbol";
    case "function":
      return `the function ${value.name || "without a name"}`;
    case "object":
      if (value === null) return "null";
      if (Array.isArray(value)) return `an array of ${value.length}`;
      return `an object of class ${classOf(value)}`;
    case "number":
    case "boolean":
    case "undefined":
      return String(value);
  }
}

function classOf(value: object): string {
  try {
    const name: unknown = value.constructor.name;
    if (typeof name === "string" && name !== "") return name.slice(0, 40);
  } catch {
    // It has no constructor, or a getter or proxy that throws.
  }
  return "unknown";
}
