// A page that trains when it is asked to.
import { trainNetwork, type TrainedState } from "../reproducibility/network.js";

async function bytes(path: string): Promise<Uint8Array> {
  return new Uint8Array(await (await fetch(path)).arrayBuffer());
}

const [images, labels] = [await bytes("images"), await bytes("labels")];
const train = (threads: number): Promise<TrainedState> => trainNetwork(images, labels, { reproducible: true, threads });
Object.assign(window, { train });
