import { isStageError, StageError } from "@repotune/schema";
import { BaseModelFile } from "./base.ts";

/**
 * Looks for the cause of a divergence in the base. All of its weights are read for that, which would
 * take too long before each training.
 *
 * @param base path of the base, or `scratch`.
 * @throws {StageError} always: `E_INPUT` naming the first damaged weight if there is one, and `error`
 *   otherwise.
 */
export async function explainDivergence(error: unknown, base: string): Promise<never> {
  if (!isStageError(error) || error.code !== "E_DIVERGED" || base === "scratch") throw error;
  const file = await BaseModelFile.open(base);
  const damaged = await file.findDamage().finally(() => file.close());
  if (damaged === undefined) throw error;
  throw new StageError(
    "E_INPUT",
    `${base} has elements in "${damaged}" that are infinite or no numbers. ${error.message}`,
    { hint: "The file is damaged, or was so when it was made: get it anew.", cause: error },
  );
}
