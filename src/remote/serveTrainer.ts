import { ArgumentError, StateError } from "../engine/index.js";
import { toRecord } from "./errors.js";
import {
  type CallsOf,
  type Endpoint,
  messageOf,
  type Report,
  type Request,
  type Response,
  type TrainingInfo,
} from "./protocol.js";
import { type ServedTrainer, Session } from "./session.js";

interface Answer {
  readonly result?: unknown;
  readonly transfer?: Transferable[];
  /** What is done once the answer is under way. */
  readonly afterwards?: () => void;
}

/**
 * The worker's side of a `RemoteTrainer`: answers its requests for as long as the worker lives.
 * @param setup makes what is to be trained from the options that `RemoteTrainer.start` was given; called for each start
 * @param endpoint where requests come from. Default: the page that started this worker
 * @throws StateError without an endpoint outside a Web Worker
 */
export function serveTrainer<Calls extends CallsOf<Calls> = object>(
  setup: (options: never) => ServedTrainer<Calls> | Promise<ServedTrainer<Calls>>,
  endpoint: Endpoint = workerScope(),
): void {
  const server = new Server(setup, endpoint);
  endpoint.addEventListener("message", (event) => {
    const request = messageOf(event);
    if (request) void server.answer(request as Request);
  });
  endpoint.start?.();
}

function workerScope(): Endpoint {
  if ("document" in globalThis || !("postMessage" in globalThis)) {
    throw new StateError(
      "serveTrainer wants to run in a Web Worker; elsewhere give it an endpoint, e.g. a MessagePort",
    );
  }
  return globalThis as unknown as Endpoint;
}

class Server {
  private session: Session | undefined;

  constructor(
    private readonly setup: (options: never) => ServedTrainer | Promise<ServedTrainer>,
    private readonly endpoint: Endpoint,
  ) {}

  async answer(request: Request): Promise<void> {
    const { id } = request;
    try {
      const { result, transfer, afterwards } = await this.handle(request);
      this.post({ wasmgrad: "result", id, result }, transfer);
      afterwards?.();
    } catch (error) {
      // Also what cannot be cloned ends here.
      this.post({ wasmgrad: "error", id, error: toRecord(error) });
    }
  }

  private async handle(request: Request): Promise<Answer> {
    switch (request.wasmgrad) {
      case "start":
        return this.start(request.options, request.paused);
      case "pause":
        this.session?.pause();
        return { result: await this.stepsSoFar() };
      case "resume":
        this.session?.resume();
        return {};
      case "stop":
        await this.session?.stop();
        return {};
      case "predict": {
        const { inputs, batchSize } = request;
        const { trainer } = await this.served("predict");
        const outputs = trainer.model.predict(inputs, batchSize === undefined ? {} : { batchSize });
        return { result: outputs, transfer: [outputs.buffer] };
      }
      case "call": {
        const { name, values } = request;
        const { calls = {} } = await this.served(`call ${name}`);
        const functions = calls as Readonly<Record<string, (...values: never[]) => unknown>>;
        if (!Object.hasOwn(functions, name)) {
          const known = Object.keys(functions).join(", ") || "nothing";
          throw new ArgumentError(`the worker has no ${name} to call; it offers ${known}`);
        }
        return { result: await functions[name]!(...values) };
      }
    }
  }

  private async start(options: unknown, paused: boolean): Promise<Answer> {
    const previous = this.session;
    if (previous?.isActive) throw new StateError("a training is under way: stop it before another starts");
    const make = async (): Promise<ServedTrainer> => {
      const replaced = await previous?.ready.catch(() => undefined);
      await replaced?.close?.();
      return this.setup(options as never);
    };
    const session = new Session(make(), paused, (report, transfer) => this.post(report, transfer));
    this.session = session;
    const { model } = (await session.ready).trainer;
    const { engine, parameterCount, inputShape, outputShape } = model;
    const result: TrainingInfo = { engine: engine.info, parameterCount, inputShape, outputShape };
    return { result, afterwards: () => void session.run() };
  }

  /** A training that is being set up has done none. */
  private async stepsSoFar(): Promise<number> {
    if (!this.session) return 0;
    return this.session.ready.then(
      ({ trainer }) => trainer.step,
      () => 0,
    );
  }

  private async served(purpose: string): Promise<ServedTrainer> {
    if (!this.session) throw new StateError(`cannot ${purpose} before start: the worker has no model yet`);
    return this.session.ready;
  }

  private post(message: Response | Report, transfer: Transferable[] = []): void {
    this.endpoint.postMessage(message, transfer);
  }
}
