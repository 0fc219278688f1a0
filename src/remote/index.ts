export { type Endpoint, type NodeEndpoint, type WebEndpoint } from "./endpoint.js";
export { type CallsOf, type TrainingEnd, type RemoteProgress, type TrainingInfo } from "./protocol.js";
export {
  type RemotePredictOptions,
  RemoteTrainer,
  type RemoteTrainerOptions,
  type StartOptions,
} from "./remoteTrainer.js";
export { serveTrainer } from "./serveTrainer.js";
export { type ServedTrainer } from "./session.js";
