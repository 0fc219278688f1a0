export { gru, type RecurrentResult } from "./gru.js";
export { lstm, type LstmResult } from "./lstm.js";
export { type RecurrentOptions } from "./recurrent.js";
export { rnn, type RnnOptions } from "./rnn.js";
