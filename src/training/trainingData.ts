import { ArgumentError, checkInteger, type Holding } from "../engine/index.js";
import { type Dataset, rowsOf } from "../data/dataset.js";
import type { Model } from "../layers/index.js";
import type { Loss } from "../losses/index.js";
import { checkDataset, checkedTargets } from "./datasetChecks.js";
import { ResidentData } from "./residentData.js";

/**
 * The data sets of a trainer. A data set refers to the caller's arrays, which may change at any time: it is checked anew
 * whenever it is read, and read anew at the start of every epoch, evaluation and step of one's own. Its memory is kept for
 * as long as the data set is.
 */
export class TrainingData {
  private readonly resident = new WeakMap<Dataset, ResidentData>();
  /** How many data sets there were: the number of the next. */
  private count = 0;

  constructor(
    private readonly model: Model,
    private readonly loss: Loss,
    private readonly trainer: Holding,
  ) {}

  /**
   * Checks a data set and makes room for it, without reading it.
   * @param what names it in messages
   * @throws ArgumentError for what is none, targets that are not the loss's, a label that is no class of the model
   * @throws ShapeError for samples or targets of other shapes than the model's
   */
  place(dataset: Dataset, what = "the data set"): ResidentData {
    const views = checkDataset(this.model, this.loss, dataset, what);
    checkedTargets(this.model, this.loss, views, what);
    return this.roomFor(dataset, views);
  }

  /** Reads all of a data set as it is now. Throws as `place` does, and then has changed nothing. */
  read(dataset: Dataset, what = "the data set"): ResidentData {
    const views = checkDataset(this.model, this.loss, dataset, what);
    const targets = checkedTargets(this.model, this.loss, views, what);
    const data = this.roomFor(dataset, views);
    data.write(0, views, targets);
    return data;
  }

  /**
   * Reads a data set into the memory that it had before.
   * @throws ArgumentError, beside what `read` throws, if it needs other memory by now
   */
  readAgain(dataset: Dataset, data: ResidentData): void {
    if (this.read(dataset) === data) return;
    throw new ArgumentError(
      "the data set has changed its length, types or shapes during fit: begin another fit with it",
    );
  }

  /**
   * Reads `count` samples from `first` on: all that a step uses. A data set that is new is read whole. Throws as `read`
   * does, and ArgumentError for samples that there are not.
   */
  readRows(dataset: Dataset, first: number, count: number): ResidentData {
    const what = "the data set";
    const views = checkDataset(this.model, this.loss, dataset, what);
    checkInteger("first", first, 0, views.length - 1);
    checkInteger("count", count, 1, views.length - first);
    const data = this.resident.get(dataset);
    if (!data?.fits(views)) return this.read(dataset);
    const rows = rowsOf(views, first, count);
    data.write(first, rows, checkedTargets(this.model, this.loss, rows, what, first));
    return data;
  }

  private roomFor(dataset: Dataset, views: Dataset): ResidentData {
    const known = this.resident.get(dataset);
    if (known?.fits(views)) return known;
    const data = new ResidentData(this.model.engine, this.trainer, views, this.model.dataType, this.count++);
    this.resident.set(dataset, data);
    return data;
  }
}
