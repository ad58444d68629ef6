/** Four decimals: enough for any share, and no longer in a file than it need be. */
export const roundShare = (share: number): number => Math.round(share * 1e4) / 1e4;
