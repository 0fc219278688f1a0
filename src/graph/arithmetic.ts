import { ArgumentError, show } from "../engine/index.js";
import { broadcastShape } from "./broadcast.js";
import { type DataType, isFloating, titleOfType } from "./dataType.js";
import { type Specification, Value } from "./node.js";

/** An operand of arithmetic: a value, or one number. */
export type Numeric = Value | number;

/** The type of a result of arithmetic: float32 of floating-point values, int32 of int32 and bytes, which do not mix. */
export function arithmeticType(operation: string, values: Readonly<Record<string, Value>>): DataType {
  const given = Object.values(values);
  const truth = given.find(({ dataType }) => dataType === "bool");
  if (truth) {
    throw new ArgumentError(`${operation}: ${truth.label} holds truth values; convert them by cast(x, "f32") or "i32"`);
  }
  const [float, integer] = [true, false].map((is) => given.find(({ dataType }) => isFloating(dataType) === is));
  if (float && integer) {
    throw new ArgumentError(
      `${operation}: ${integer.label} holds ${titleOfType(integer.dataType)} and ${float.label} ` +
        `${titleOfType(float.dataType)}; convert one of them by cast(x, "f32") or cast(x, "i32")`,
    );
  }
  return float ? "f32" : "i32";
}

/** What arithmetic makes of values that broadcast. Throws ShapeError, ArgumentError if they do not, or do not mix. */
export function arithmeticResult(operation: string, values: Readonly<Record<string, Value>>): Specification {
  return { shape: broadcastShape(operation, values), dataType: arithmeticType(operation, values) };
}

/** The same of an operation that floating-point numbers alone have. */
export function floatResult(operation: string, values: Readonly<Record<string, Value>>): Specification {
  const result = { shape: broadcastShape(operation, values), dataType: arithmeticType(operation, values) };
  if (result.dataType === "f32") return result;
  const { label, dataType } = Object.values(values)[0]!;
  throw new ArgumentError(
    `${operation}: wants float32, ${label} holds ${titleOfType(dataType)}; convert it by cast(x, "f32")`,
  );
}

/** Whether arithmetic with a value is that of int32. */
export function isInteger({ dataType }: Value): boolean {
  return dataType === "i32" || dataType === "u8";
}

/**
 * Operands as values: a number becomes a constant of the type of the others.
 * @throws ArgumentError if none is a value, or a number is not one of that type
 */
export function numericOperands<Name extends string>(
  operation: string,
  given: Readonly<Record<Name, unknown>>,
): Readonly<Record<Name, Value>> {
  const entries = Object.entries(given) as [Name, unknown][];
  const value = entries.map(([, operand]) => operand).find((operand) => operand instanceof Value);
  const converted = entries.map(([name, operand]): [Name, Value] => {
    if (operand instanceof Value) return [name, operand];
    if (typeof operand !== "number" || !value) {
      throw new ArgumentError(
        `${operation}: ${name} must be a value of a graph${value ? ", or a number" : " if no other operand is one"}; got ` +
          show(operand),
      );
    }
    const type = isInteger(value) ? "i32" : "f32";
    if (type === "i32" && operand !== (operand | 0)) {
      throw new ArgumentError(
        `${operation}: ${name} must be a whole number that an int32 can hold, since ${value.label} holds ` +
          `${titleOfType(value.dataType)}; got ${show(operand)}. For fractions convert that by cast(x, "f32")`,
      );
    }
    return [name, value.graph.constant([], operand, String(operand), type)];
  });
  return Object.fromEntries(converted) as Record<Name, Value>;
}
