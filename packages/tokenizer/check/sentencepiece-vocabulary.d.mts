import type { tinyModel } from "@repotune/test-kit/models";

type Vocabulary = Exclude<
  NonNullable<Parameters<typeof tinyModel>[0]>["vocabulary"],
  number | undefined
>;

export function sentencePieceVocabulary(
  learned: readonly Uint8Array[],
  options?: { control?: readonly string[]; literals?: readonly string[]; addSpacePrefix?: boolean },
): Vocabulary;
