import { BenchPanel } from "./bench/panel.js";
import { Drawing } from "./draw/drawing.js";
import { Insight } from "./insight/insight.js";
import { Announcer } from "./page/announcer.js";
import { showFacts } from "./page/facts.js";
import { setUpFiles } from "./page/files.js";
import { showError } from "./page/problems.js";
import { setUpTabs } from "./page/tabs.js";
import { Controls } from "./training/controls.js";
import { Figures } from "./training/figures.js";
import { Session } from "./training/session.js";

function begin(): void {
  setUpTabs(document.querySelector<HTMLElement>("[role=tablist]")!);
  const announcer = new Announcer();
  const session = new Session();
  session.listen({ onPrepared: showFacts, onError: showError });
  const controls = new Controls(session, announcer);
  new Figures(session, announcer);
  new Insight(session);
  new Drawing(session, announcer);
  new BenchPanel(session);
  setUpFiles(session, controls);
  void session.prepare(controls.settings);
}

begin();
