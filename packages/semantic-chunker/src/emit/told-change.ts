import { type Classification, classify } from "../classify/classify.ts";
import type { MessageClaim } from "../classify/message-claim.ts";
import type { FileChange } from "../match/file-change.ts";
import type { UnitChange } from "../match/unit-change.ts";
import { type Excerpt, excerptOf } from "./excerpt.ts";

/** One unit's change, with its code and what it means. */
export interface ToldChange {
  change: UnitChange;
  excerpt: Excerpt;
  classification: Classification;
}

/** @param changed rows given to the change, by file. */
export function toldChange(
  change: UnitChange,
  changed: ReadonlyMap<FileChange, number[]>,
  claim: MessageClaim | undefined,
): ToldChange {
  const excerpt = excerptOf([change], [changed]);
  const { code } = excerpt;
  return { change, excerpt, classification: classify(change, code.old, code.new, claim) };
}
