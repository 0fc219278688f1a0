import type { Announcer } from "../page/announcer.js";
import { element, setText } from "../page/dom.js";
import { showError } from "../page/problems.js";
import type { OptimizerName, Settings } from "./digits.js";
import type { Session, SessionState } from "./session.js";
import { offerThreads } from "./threads.js";

const toggleLabels: Readonly<Record<SessionState, string>> = {
  preparing: "Start training",
  ready: "Start training",
  training: "Pause",
  paused: "Resume",
  finished: "Train again",
  failed: "Try again",
};

/** Start, pause, restart, and the settings of the training. */
export class Controls {
  private readonly toggle = element("toggle", HTMLButtonElement);
  private readonly restart = element("restart", HTMLButtonElement);
  private readonly form = element("settings", HTMLFormElement);
  private readonly threads = element("threads", HTMLSelectElement);
  private readonly status = element("status", HTMLParagraphElement);

  constructor(
    private readonly session: Session,
    private readonly announcer: Announcer,
  ) {
    offerThreads(this.threads);
    this.toggle.addEventListener("click", () => void this.toggleTraining());
    this.restart.addEventListener("click", () => void this.startAnew());
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("change", (event) => void this.change(event.target));
    session.listen({ onState: (state) => this.show(state) });
  }

  /** What the form says, out of range values moved into range. */
  get settings(): Settings {
    const fields = new FormData(this.form);
    const whole = (name: string, least: number, most: number): number => {
      const value = Math.round(Number(fields.get(name)));
      return Number.isNaN(value) ? least : Math.min(Math.max(value, least), most);
    };
    return {
      optimizer: fields.get("optimizer") as OptimizerName,
      learningRate: Number(fields.get("learningRate")),
      epochs: whole("epochs", 1, 100),
      seed: whole("seed", 0, 0xffffffff),
      // Not among the fields of the form where there is nothing to choose.
      threads: Number(this.threads.value),
    };
  }

  /** A line on what just happened, for all to see and hear. */
  tell(text: string): void {
    setText(this.status, text);
    this.announcer.say(text);
  }

  private async toggleTraining(): Promise<void> {
    const { session } = this;
    if (session.state === "training") await session.pause();
    else if (session.state === "finished" || session.state === "failed") await this.startAnew();
    else await session.resume();
  }

  private async startAnew(): Promise<void> {
    await this.session.prepare(this.settings);
    await this.session.resume();
  }

  private async change(field: EventTarget | null): Promise<void> {
    const { session, settings } = this;
    // What was out of range is shown as it is taken.
    if (field instanceof HTMLInputElement)
      field.value = String(field.name === "seed" ? settings.seed : settings.epochs);
    const isRate = field instanceof HTMLSelectElement && field.name === "learningRate";
    if (isRate && session.hasModel) {
      await session.call("setLearningRate", settings.learningRate).catch(showError);
      this.tell(`The learning rate is ${settings.learningRate} from the next step on.`);
    } else if (session.state === "ready") await session.prepare(settings);
    else if (session.hasModel) this.tell("This takes effect when you restart.");
  }

  private show(state: SessionState): void {
    setText(this.toggle, toggleLabels[state]);
    this.toggle.disabled = state === "preparing";
    this.restart.disabled = state === "preparing" || state === "ready";
    const { epochs } = this.settings;
    switch (state) {
      case "preparing":
        setText(this.status, "Setting up a new network…");
        break;
      case "ready":
        setText(this.status, "An untrained network is ready: what it reads now is chance.");
        break;
      case "training":
        this.tell(`Training for ${epochs} ${epochs === 1 ? "epoch" : "epochs"} at most. Draw meanwhile!`);
        break;
      case "paused":
        this.tell("Paused: no step is taken until you resume.");
        break;
      case "finished":
        this.tell("Training is finished. Draw a digit, or look at its mistakes.");
        break;
      case "failed":
        setText(this.status, "Training ended with an error.");
        break;
    }
  }
}
