/**
 * Whether what is written to a stream is coloured: as `NO_COLOR` and `FORCE_COLOR` say, else on a
 * terminal only.
 */
export const hasColor = (
  env: Record<string, string | undefined>,
  isTerminal: boolean | undefined,
): boolean => !env.NO_COLOR && (env.FORCE_COLOR ? env.FORCE_COLOR !== "0" : isTerminal === true);
