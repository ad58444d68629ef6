export { type TrainOptions, TrainOptionsSchema } from "./options.ts";
export { train } from "./train.ts";
