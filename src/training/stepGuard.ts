import { ArgumentError, type Holding, kernelCall, LinkedProgram, show } from "../engine/index.js";
import { MemoryRange, type Emitter, type Scalars } from "../graph/index.js";
import type { Model } from "../layers/index.js";

/**
 * What becomes of a step whose loss or gradient is NaN or infinite. "throw": training ends with a NonFiniteError that says
 * where it came from. "skip": the batch is left out. In both cases parameters, optimizer state and running statistics stay
 * as they were before the step. "continue": the update is made all the same, as if nobody looked.
 */
export type OnNonFinite = "throw" | "skip" | "continue";

/** Throws ArgumentError for anything else. */
export function checkOnNonFinite(value: unknown): OnNonFinite {
  if (value === "throw" || value === "skip" || value === "continue") return value;
  throw new ArgumentError(`onNonFinite must be "throw", "skip" or "continue", got ${show(value)}`);
}

const word = "step guard";

/** Keeps steps that are not finite from changing a model and the state of its optimizer. */
export class StepGuard {
  /** The model's buffers as they were before the step. */
  private readonly previous: MemoryRange | undefined;
  private readonly stateCheck: LinkedProgram;

  /**
   * @param state of the optimizer
   * @param holding of the trainer
   */
  constructor(
    private readonly model: Model,
    private readonly scalars: Scalars,
    state: readonly MemoryRange[],
    holding: Holding,
  ) {
    const { buffers, engine } = model;
    if (buffers) {
      const block = holding.allocate(buffers.bytes, "model buffers before a step");
      this.previous = MemoryRange.at(block, 0, buffers.bytes, block.label, holding);
    }
    const nothing = { loss: 0, buffers: 0, previous: 0, bufferCount: 0, control: 0 } as const;
    const rest = { ...nothing, guard: scalars.slot(word) };
    const parameters = model.entries.filter(({ trainable }) => trainable).map(({ data }) => data);
    const checks = [...parameters, ...state].map((gradients) =>
      kernelCall(
        "checkFinite",
        { ...rest, gradients, count: gradients.bytes / 4 },
        "check of parameters and optimizer",
      ),
    );
    this.stateCheck = new LinkedProgram(engine.memory, checks, holding);
  }

  /** Emits the record that looks for what is not finite, and ends the run there if it finds something: before the update. */
  emit(emit: Emitter, loss: MemoryRange): void {
    const { buffers, parameterGroup } = this.model;
    const { control } = this.model.engine;
    const guard = emit.scalar(word);
    emit.record("checkFinite", {
      ...{ loss, gradients: parameterGroup.gradients, count: parameterGroup.count, guard, control },
      ...{ buffers: buffers ?? 0, previous: this.previous ?? 0, bufferCount: (buffers?.bytes ?? 0) / 4 },
    });
  }

  /**
   * Runs a step. Where its record found something, or the step throws, the model is as before.
   * @returns whether the update was made
   */
  during(run: () => void): boolean {
    const { buffers } = this.model;
    this.scalars.setInteger(word, 0);
    this.copy(buffers, this.previous);
    let isMade = false;
    try {
      run();
      isMade = this.isLowered;
    } finally {
      if (!isMade) this.copy(this.previous, buffers);
    }
    return isMade;
  }

  /** Whether parameters and optimizer state are finite: an update by finite gradients may still overflow. */
  isStateFinite(): boolean {
    this.scalars.setInteger(word, 0);
    this.model.engine.run(this.stateCheck);
    return this.isLowered;
  }

  /** Whether nothing was found since `during` began. */
  get isLowered(): boolean {
    return this.scalars.getInteger(word) === 0;
  }

  private copy(from: MemoryRange | undefined, to: MemoryRange | undefined): void {
    if (!from || !to) return;
    const { memory } = this.model.engine;
    memory.f32(to.address, to.bytes / 4).set(memory.f32(from.address, from.bytes / 4));
    to.holding?.changed();
  }
}
