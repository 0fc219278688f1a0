import { fixed, generic, type Given } from "../sample.js";
import type { Written, Writtens } from "../written.js";

/** Steps of a layer with so many gates; few elements, each of which differences move, but for an H beyond one vector. */
function stepsSamples(gates: number, hasCell: boolean, isApart: boolean): readonly Written[] {
  const inputs = (steps: number, batch: number, size: number): Readonly<Record<string, Given>> => ({
    gates: generic([steps, batch, gates * size], 2),
    weight: generic([size, gates * size], 3),
    ...(isApart && { bias: generic([gates * size], 4) }),
    hidden: generic([batch, size], 5),
    ...(hasCell && { cell: generic([batch, size], 6) }),
  });
  const lengths = (...data: number[]): Given => fixed({ shape: [data.length], data: Int32Array.from(data) });
  return [
    { inputs: inputs(2, 2, 2) },
    { inputs: { ...inputs(2, 3, 1), lengths: lengths(2, 0, 1) } },
    { inputs: inputs(3, 5, 5), attributes: { reverse: true }, isLarge: true },
    { inputs: { ...inputs(3, 2, 1), lengths: lengths(2, 3) }, attributes: { reverse: true } },
    { inputs: inputs(1, 1, 1) },
    { inputs: inputs(2, 0, 3) },
  ];
}

function layerSamples(gates: number, hasCell: boolean): readonly Written[] {
  const inputs = (batch: number, steps: number, features: number, size: number): Readonly<Record<string, Given>> => ({
    x: generic([batch, steps, features], 1),
    weightIh: generic([features, gates * size], 2),
    weightHh: generic([size, gates * size], 3),
  });
  const state = (batch: number, size: number): Readonly<Record<string, Given>> => ({
    hidden: generic([batch, size], 5),
    ...(hasCell && { cell: generic([batch, size], 6) }),
  });
  const biases = (size: number): Readonly<Record<string, Given>> => ({
    biasIh: generic([gates * size], 7),
    biasHh: generic([gates * size], 8),
  });
  return [
    { inputs: inputs(1, 2, 2, 2) },
    {
      inputs: {
        ...{ ...inputs(2, 2, 1, 1), ...state(2, 1), ...biases(1) },
        lengths: fixed({ shape: [2], data: Int32Array.of(1, 2) }),
      },
      options: { reverse: true },
    },
    { inputs: { ...inputs(0, 2, 2, 2), ...biases(2) } },
  ];
}

const relu: readonly Written[] = stepsSamples(1, false, false)
  .slice(0, 2)
  .map((sample) => ({ ...sample, attributes: { nonlinearity: "relu" } }));

export const written: Writtens = {
  lstmSteps: stepsSamples(4, true, false),
  gruSteps: stepsSamples(3, false, true),
  rnnSteps: [...stepsSamples(1, false, false), ...relu],
  lstm: layerSamples(4, true),
  gru: layerSamples(3, false),
  rnn: layerSamples(1, false),
};
