import { ArgumentError, FormatError, MemoryError, StateError } from "wasmgrad";
import { element } from "./dom.js";

/** What a person can make of an error. */
export function sentenceOf(error: unknown): string {
  if (error instanceof FormatError) return `This file is not what it should be: ${error.message}.`;
  if (error instanceof ArgumentError) return `That does not work: ${error.message}.`;
  if (error instanceof MemoryError) {
    return `There is not enough memory for this. Closing other tabs may help. (${error.message})`;
  }
  if (error instanceof RangeError && error.message.includes("memory")) {
    return "The browser gave this page no memory for the network. Closing other tabs may help.";
  }
  if (error instanceof StateError) return `${capitalized(error.message)}.`;
  return error instanceof Error ? error.message : String(error);
}

/** Shows a sentence at the foot of the window until it is dismissed or another takes its place. */
export function showProblem(sentence: string): void {
  const box = element("problem", HTMLDivElement);
  const text = document.createElement("p");
  text.textContent = sentence;
  const dismiss = document.createElement("button");
  dismiss.type = "button";
  dismiss.textContent = "Dismiss";
  dismiss.addEventListener("click", () => box.replaceChildren());
  box.replaceChildren(text, dismiss);
}

export function showError(error: unknown): void {
  showProblem(sentenceOf(error));
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
