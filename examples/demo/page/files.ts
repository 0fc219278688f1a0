import type { Controls } from "../training/controls.js";
import type { Session } from "../training/session.js";
import { count, create, element, setText } from "./dom.js";
import { showError } from "./problems.js";

/** Saving and loading the model, and digits of one's own. */
export function setUpFiles(session: Session, controls: Controls): void {
  const save = element("save", HTMLButtonElement);
  const dataset = element("dataset", HTMLParagraphElement);
  session.listen({
    onState: () => (save.disabled = !session.hasModel),
    onPrepared: (_, { trainingImages, heldOutImages }) =>
      setText(
        dataset,
        `In use: ${count(trainingImages)} images to train on, ${count(heldOutImages)} held out. For all of MNIST, or ` +
          `Fashion-MNIST, choose its four idx files.`,
      ),
  });

  save.addEventListener("click", () => {
    session.call("save").then((bytes) => {
      download(bytes, "digits.safetensors");
      controls.tell("The model is saved as digits.safetensors.");
    }, showError);
  });

  onChosen(element("load", HTMLInputElement), async ([file]) => {
    await session.load(new Uint8Array(await file.arrayBuffer()), file.name);
    controls.tell(`The network has the weights of ${file.name}.`);
  });

  onChosen(element("own-data", HTMLInputElement), (files) => session.prepareWith(files, controls.settings));
}

/** Gives the chosen files to `take`, and forgets the choice, so that the same files can be chosen again. */
function onChosen(input: HTMLInputElement, take: (files: readonly [File, ...File[]]) => Promise<void>): void {
  input.addEventListener("change", () => {
    const [first, ...others] = input.files ?? [];
    input.value = "";
    if (first) take([first, ...others]).catch(showError);
  });
}

function download(bytes: Uint8Array<ArrayBuffer>, fileName: string): void {
  const url = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  create("a", { href: url, download: fileName }).click();
  // The download has its own hold on the bytes once it has begun.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
