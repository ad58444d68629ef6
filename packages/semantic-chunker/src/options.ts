import { type Static, Type } from "typebox";

const Flag = (description: string) => Type.Boolean({ default: false, description });

/** Options that decide what {@link chunkCommits} gives. */
export const ChunkOptionsSchema = Type.Object({
  maxChunkTokens: Type.Integer({
    default: 512,
    minimum: 16,
    description: "split units whose old or new code is longer than this; a token counts as 4 bytes",
  }),
  minChunkTokens: Type.Integer({
    default: 64,
    minimum: 0,
    description:
      "put units that follow one another, and are alike, into one chunk of up to this; 0: never",
  }),
  maxPatchBytes: Type.Integer({
    default: 1 << 20,
    minimum: 1,
    description: "skip file changes with a longer patch",
  }),
  includeGenerated: Flag("cut generated files, too"),
  includeVendored: Flag("cut vendored dependencies, too"),
  includeLockFiles: Flag("cut lock files, too"),
  includeMinified: Flag("cut minified files, too"),
  includeMerges: Flag("cut what merge commits change against their first parent, too"),
  secrets: Type.Enum(["mask", "keep", "drop"], {
    default: "mask",
    description: "what becomes of passwords, tokens and private keys; drop leaves out their chunks",
  }),
  includeLicenceHeaders: Flag("leave licence headers in the code of chunks"),
});

export type ChunkOptions = Static<typeof ChunkOptionsSchema>;

/** Bytes that a token stands for, on average, in code under a vocabulary of usual size. */
export const BYTES_PER_TOKEN = 4;

/** The defaults. */
export const defaultChunkOptions: ChunkOptions = {
  maxChunkTokens: 512,
  minChunkTokens: 64,
  maxPatchBytes: 1 << 20,
  includeGenerated: false,
  includeVendored: false,
  includeLockFiles: false,
  includeMinified: false,
  includeMerges: false,
  secrets: "mask",
  includeLicenceHeaders: false,
};
