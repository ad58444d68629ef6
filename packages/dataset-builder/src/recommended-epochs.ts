/** Tokens that a small model should see in all, and the bounds on how often it sees the same. */
const EPOCH_TOKENS = 20_000_000;
const MIN_EPOCHS = 3;
const MAX_EPOCHS = 10;

/** How often to go through `tokens` of train: clamp(floor(20,000,000 / tokens), 3, 10). */
export const recommendedEpochs = (tokens: number): number =>
  Math.min(Math.max(Math.floor(EPOCH_TOKENS / Math.max(1, tokens)), MIN_EPOCHS), MAX_EPOCHS);
