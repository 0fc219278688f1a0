import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FormatError } from "../../src/engine/index.js";
import { JsonReader } from "../../src/formats/jsonReader.js";

const reject = (problem: string): never => {
  throw new FormatError(problem);
};

describe("JsonReader", () => {
  it("reads objects of texts and counts as JSON.parse does, however they are written", () => {
    const value = fc.oneof(fc.string({ unit: "binary" }), fc.array(fc.nat(), { maxLength: 5 }));
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: "binary" }), value),
        fc.constantFrom("", " ", "\n\t"),
        (object, space) => {
          const text = JSON.stringify(object, null, space);
          const found = new Map<string, unknown>();
          const reader = new JsonReader(text, reject);
          reader.members(found, (key) => found.set(key, reader.peek() === '"' ? reader.string() : reader.counts(5)));
          reader.end();
          expect(found).toEqual(new Map(Object.entries(object)));
        },
      ),
      { numRuns: 100 },
    );
  });

  it("shows the value that stands next, whatever it is, cut after 60 characters", () => {
    const value = fc.jsonValue({ maxDepth: 3 });
    fc.assert(
      fc.property(value, fc.constantFrom("", " ", ",", "]", "}", "\n"), (json, behind) => {
        const text = JSON.stringify(json);
        const shown = new JsonReader(text + behind, reject).excerpt();
        const plain = text.replace(/\s+/g, " ");
        expect(shown).toBe(text.length > 60 ? `${text.slice(0, 60).replace(/\s+/g, " ")}…` : plain);
      }),
      { numRuns: 200 },
    );
  });
});
