import { runInNewContext } from "node:vm";

/** What a function without free variables makes in a realm of its own: no instance of this one's classes. */
export function inOtherRealm<T>(make: () => T): T {
  return runInNewContext(`(${String(make)})()`) as T;
}

/** A typed array whose buffer was handed over to somebody else. */
export function detached<T extends ArrayBufferView<ArrayBuffer>>(view: T): T {
  structuredClone(view.buffer, { transfer: [view.buffer] });
  return view;
}

interface Resizable extends ArrayBuffer {
  resize(bytes: number): void;
}

/** A view of three numbers whose buffer has shrunk to hold but two of them. */
export function outOfBounds(): Float32Array {
  const buffer = inOtherRealm(() => Reflect.construct(ArrayBuffer, [12, { maxByteLength: 12 }]) as Resizable);
  const view = new Float32Array(buffer, 0, 3);
  buffer.resize(8);
  return view;
}
