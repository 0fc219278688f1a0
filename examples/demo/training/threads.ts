import { create } from "../page/dom.js";

/** As many as the library takes by itself at most. */
const mostThreads = 8;

/** All cores but one, which is left to the page: that is what keeps it at its frame rate. */
function threadsBesidePage(cores: number): number {
  return Math.min(mostThreads, Math.max(1, cores - 1));
}

/** Offers the numbers of threads that this browser can run: one where pages cannot share memory between threads. */
export function offerThreads(select: HTMLSelectElement): void {
  const cores = crossOriginIsolated ? navigator.hardwareConcurrency : 1;
  const preset = threadsBesidePage(cores);
  for (let count = 1; count <= Math.min(cores, mostThreads); count++) {
    select.append(create("option", count === preset ? { selected: "" } : {}, String(count)));
  }
  select.disabled = cores === 1;
}
