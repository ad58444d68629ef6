/** A vocabulary and a model so small that a whole run takes seconds. */
export const fastSettings = [
  "tokenize.vocab_size=400",
  "build.sequence_length=128",
  "train.max_minutes=0.1",
  "train.threads=1",
].flatMap((setting) => ["--set", setting]);
