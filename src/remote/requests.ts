import { ArgumentError, show, StateError } from "../engine/index.js";
import { textOf, fromRecord, isList, read, reasonOf } from "./errors.js";
import type { Request } from "./protocol.js";

/** A request without its id: of each form of the union, not of what they have in common. */
export type Body<Form = Request> = Form extends Request ? Omit<Form, "id"> : never;

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** The requests of a page that wait for their answers. Each is settled by its answer or by the end of them all. */
export class Requests {
  private readonly pending = new Map<number, Pending>();
  private count = 0;

  /** @param post throws what cannot be sent */
  constructor(private readonly post: (request: Request, transfer: ArrayBuffer[]) => void) {}

  /** Rejects with the error that the worker answered, and with an ArgumentError if the request cannot be cloned. */
  async send(body: Body, transfer: ArrayBuffer[] = []): Promise<unknown> {
    const id = ++this.count;
    // Before it is posted: an endpoint may answer at once.
    const answer = new Promise<unknown>((resolve, reject) => this.pending.set(id, { resolve, reject }));
    try {
      this.post({ ...body, id }, transfer);
    } catch (cause) {
      const error = new ArgumentError(`${partOf(body)} cannot be sent to the worker: ${reasonOf(cause)}`, { cause });
      this.take(id)?.reject(error);
    }
    return answer;
  }

  /** Takes a message as an answer. One to a request that does not wait is passed over. */
  receive(kind: string, message: unknown): void {
    const id = read(message, "id");
    if (!Number.isInteger(id)) {
      // It may be the answer to any of them, and none must wait for ever.
      if (kind === "result" || kind === "error") {
        this.reject(new StateError("the worker sent an answer that does not say to which request"));
      }
      return;
    }
    const pending = this.take(id as number);
    if (kind === "result") pending?.resolve(read(message, "result"));
    else if (kind === "error") pending?.reject(fromRecord(read(message, "error")));
    else pending?.reject(new StateError(`the worker answered with ${show(kind)}, which is no answer`));
  }

  /**
   * Finds out which requests or answers were among messages that could not be read, and rejects those. Messages arrive in
   * their order: what was asked before, is not answered, and is not under way over there either, is lost.
   */
  async recount(): Promise<void> {
    const asked = [...this.pending.keys()];
    const underWay = await this.send({ wasmgrad: "underWay" });
    if (!isList(underWay)) throw new StateError(`the worker answered underWay with ${show(underWay)}`);
    const reason = "what this request was given, or its result, cannot be cloned: the message could not be read";
    for (const id of asked) {
      if (!underWay.includes(id)) this.take(id)?.reject(new ArgumentError(reason));
    }
  }

  /** Rejects all that wait. */
  reject(error: Error): void {
    const waiting = [...this.pending.values()];
    this.pending.clear();
    for (const { reject } of waiting) reject(error);
  }

  private take(id: number): Pending | undefined {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    return pending;
  }
}

/** The result of a request, if it is of the kind that is wanted. Throws StateError. */
export function checkResult<Result>(
  request: string,
  result: unknown,
  isWanted: (result: unknown) => result is Result,
): Result {
  if (isWanted(result)) return result;
  throw new StateError(`the worker answered ${request} with ${show(result)}: is it of this version of wasmgrad?`);
}

/** What of a request may be impossible to clone. */
function partOf(body: Body): string {
  switch (body.wasmgrad) {
    case "start":
      return "the options of start";
    case "predict":
      return "the inputs of predict";
    case "call":
      return `the arguments of call ${textOf(body.name)}`;
    case "pause":
    case "resume":
    case "stop":
    case "underWay":
      return body.wasmgrad;
  }
}
