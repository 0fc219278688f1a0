import type { TrainingInfo } from "wasmgrad";
import { count, element, setText } from "./dom.js";

/** How the network runs in this browser, at the head of the page. */
export function showFacts({ engine, parameterCount }: TrainingInfo): void {
  const fact = (name: string, text: string, why = ""): void => {
    const target = element(`fact-${name}`, HTMLElement);
    setText(target, text);
    target.title = why;
  };
  fact("build", engine.build === "relaxed" ? "relaxed SIMD" : "SIMD", engine.buildReason);
  fact("threads", String(engine.threads), engine.threadsReason);
  fact("isolated", crossOriginIsolated ? "yes" : "no", "Only isolated pages share memory between threads.");
  fact("parameters", count(parameterCount));
}
