/** A run of tokens of one document; tokens attend to earlier ones of the same piece only. */
export interface Piece {
  /** Ids. */
  tokens: ArrayLike<number>;
  /** Weight of the loss on predicting each token, in percent. */
  lossWeights: ArrayLike<number>;
  /** First token that is predicted: 1, unless the piece begins with context only. */
  predictFrom: number;
}

/** Pieces that are trained on together, side by side. */
export type Sequence = readonly Piece[];

/** Sum of the loss weights of all tokens that `sequences` predict, 1 for a full one. */
export function lossWeightOf(sequences: readonly Sequence[]): number {
  let percent = 0;
  for (const { lossWeights, predictFrom } of sequences.flat()) {
    for (let i = predictFrom; i < lossWeights.length; i++) percent += lossWeights[i] as number;
  }
  return percent / 100;
}

/** Tokens in `sequences`. */
export const tokensOf = (sequences: readonly Sequence[]): number =>
  sequences.flat().reduce((sum, { tokens }) => sum + tokens.length, 0);
