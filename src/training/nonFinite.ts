import { NonFiniteError } from "../engine/index.js";
import type { RunProgress } from "../optim/index.js";
import { describeParameters, diagnose, type DiagnosedStep, type Diagnosis } from "./diagnosis.js";

/** "step 3 of epoch 2" of a fit, else "update 17" of the trainer. */
export function stepName(update: number, run: RunProgress | undefined): string {
  if (!run) return `update ${update}`;
  const stepsBefore = (run.epoch - 1) * (run.steps / run.epochs);
  return `step ${run.step - stepsBefore} of epoch ${run.epoch}`;
}

/** A step that was held back, and where in the training it stands. */
export interface HeldBackStep extends DiagnosedStep {
  /** E.g. "step 3 of epoch 2". */
  readonly name: string;
  readonly loss: number;
  /** Updates made before it. */
  readonly updates: number;
}

/** The error of a step that was held back: executes it once more to say where it came from. Changes nothing. */
export function heldBackError(step: HeldBackStep): NonFiniteError {
  const { name, loss, updates } = step;
  const diagnosis = diagnose(step);
  const symptom = Number.isFinite(loss)
    ? `the loss is ${Number(loss.toPrecision(4))}, but not all that the step computed is finite`
    : `the loss is ${loss}`;
  return new NonFiniteError(
    `${name}: ${symptom}. ${diagnosis.finding} ${adviceFor(diagnosis, updates)} The step has changed nothing; ` +
      'onNonFinite: "skip" leaves such batches out, "continue" trains on regardless',
  );
}

function adviceFor({ cause, largestInput }: Diagnosis, updates: number): string {
  if (cause === "data") return "Remove it from the data set or mend it.";
  if (cause === "state") return "Load parameters that are finite, or build the model anew.";
  const reach = largestInput === undefined ? "" : `, which reach ${Number(largestInput.toPrecision(3))} in this batch`;
  return updates === 0
    ? `No update was made yet, so the learning rate is not the cause: look at the initial weights, and at the inputs${reach}.`
    : `Lower the learning rate, or normalise the inputs${reach}.`;
}

/** The error where an update by finite gradients has overflowed. It cannot be taken back. */
export function overflowError(name: string, model: HeldBackStep["model"], optimizer: string): NonFiniteError {
  const found = describeParameters(model) ?? `The state of optim.${optimizer} is not finite`;
  return new NonFiniteError(
    `${name}: all losses and gradients were finite, but an update by optim.${optimizer} has overflowed. ${found}. Load ` +
      "parameters that are finite, or build the model anew; then lower the learning rate, raise epsilon if it is near 0, or " +
      "normalise the inputs",
  );
}
