import { element } from "../page/dom.js";
import { showError } from "../page/problems.js";
import type { Inspection } from "../training/digits.js";
import type { Session } from "../training/session.js";
import { ConfusionTable } from "./confusion.js";
import { FilterImages } from "./filters.js";
import { MisreadDigits } from "./misread.js";

const filterMilliseconds = 400;

/** Keeps what can be seen of the network up to date: filters while it trains, its mistakes after each epoch. */
export class Insight {
  private readonly filters = new FilterImages(element("filters", HTMLDivElement));
  private readonly confusion = new ConfusionTable(element("confusion", HTMLTableElement));
  private readonly misread = new MisreadDigits();
  private lastFilters = -Infinity;
  private isAsking = false;

  constructor(private readonly session: Session) {
    session.listen({
      onPrepared: () => {
        // Not how an untrained network reads: the first step would have to wait for it.
        this.confusion.clear();
        this.misread.clear();
        void this.refreshFilters();
      },
      onProgress: () => {
        if (performance.now() - this.lastFilters > filterMilliseconds) void this.refreshFilters();
      },
      onEpoch: (_, inspection) => this.show(inspection),
      onLoaded: () => {
        void this.refreshFilters();
        void this.refreshReading();
      },
    });
  }

  private async refreshFilters(): Promise<void> {
    if (this.isAsking) return;
    this.isAsking = true;
    this.lastFilters = performance.now();
    try {
      this.filters.show(await this.session.call("filters"));
    } catch (error) {
      showError(error);
    } finally {
      this.isAsking = false;
    }
  }

  private async refreshReading(): Promise<void> {
    try {
      this.show(await this.session.call("inspect"));
    } catch (error) {
      showError(error);
    }
  }

  private show(inspection: Inspection): void {
    this.confusion.show(inspection.matrix);
    this.misread.show(inspection);
  }
}
