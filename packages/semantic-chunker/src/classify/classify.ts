import type { ChangeType, Chunk } from "@repotune/schema";
import { differenceOf } from "../match/lexer.ts";
import type { UnitChange } from "../match/unit-change.ts";
import type { MessageClaim } from "./message-claim.ts";

/** What a change means, and what that rests on. */
export type Classification = Pick<
  Chunk,
  "change_type" | "change_type_source" | "confidence" | "is_cosmetic"
>;

const NEW: Record<string, ChangeType> = {
  function: "new_function",
  method: "new_function",
  declaration: "new_function",
  struct: "new_struct",
  class: "new_struct",
  union: "new_struct",
  enum: "new_enum",
  trait: "new_trait",
  interface: "new_trait",
  impl: "new_impl",
  module: "new_module",
  namespace: "new_module",
  extern_block: "new_module",
  macro: "new_macro",
  const: "new_constant",
  static: "new_constant",
  variable: "new_constant",
  type: "new_type",
};

const MODIFIED: Record<string, ChangeType> = {
  function: "modified_function",
  method: "modified_function",
  declaration: "modified_function",
  struct: "modified_struct",
  class: "modified_struct",
  union: "modified_struct",
  enum: "modified_enum",
  trait: "modified_trait",
  interface: "modified_trait",
  impl: "modified_impl",
};

/** Units that hold nothing but text for people. */
const PROSE_KINDS = new Set(["docs", "comment"]);

/**
 * Says what a unit's change means. The first that applies decides:
 *
 * 1. path: a configuration file, a document, a change to a file of data;
 * 2. syntax: only comments differ; imports; removed; a test; added; only moved, renamed or laid out;
 * 3. message: the commit says that it fixes, speeds up or tidies;
 * 4. syntax: what was modified.
 *
 * @param oldCode the whole unit before, null if there was none; `newCode` likewise after.
 */
export function classify(
  change: UnitChange,
  oldCode: string | null,
  newCode: string | null,
  claim: MessageClaim | undefined,
): Classification {
  const { file, op } = change;
  const differ = differenceOf(oldCode ?? "", newCode ?? "", file.lexis);
  const is_cosmetic = differ === "layout";
  const result = (
    change_type: ChangeType,
    change_type_source: Chunk["change_type_source"],
    confidence: number,
  ) => ({ change_type, change_type_source, confidence, is_cosmetic });

  if (file.role === "configuration") return result("configuration", "path", 0.95);
  if (file.role === "documentation") return result("documentation", "path", 0.95);

  if (file.role === "data" && op === "modified") return result("configuration", "path", 0.6);

  const unit = change.new?.unit ?? change.old?.unit;
  const kind = unit?.kind ?? "hunk";
  if (differ === "comments" || PROSE_KINDS.has(kind)) return result("documentation", "syntax", 0.9);
  if (kind === "use") return result("imports", "syntax", 1);
  if (op === "removed") return result("deletion", "syntax", 1);

  const isTest = unit?.isTest || file.role === "test";
  const isMarkedTest = unit?.isTest === true;
  if (isTest && op === "added") {
    return result("new_test", isMarkedTest ? "syntax" : "path", isMarkedTest ? 1 : 0.9);
  }
  if (isTest && !is_cosmetic && op === "modified") {
    return result("modified_test", isMarkedTest ? "syntax" : "path", isMarkedTest ? 1 : 0.9);
  }
  if (op === "added") {
    const type = NEW[kind];
    if (type) return result(type, "syntax", 1);
    if (file.diff.change_type === "A") return result("new_file", "syntax", 1);
    return result("modified_logic", "syntax", 0.5);
  }
  if (is_cosmetic || op !== "modified") return result("refactoring", "syntax", 0.9);
  if (claim) return result(claim.type, "message", claim.confidence);
  const type = MODIFIED[kind];
  return type ? result(type, "syntax", 1) : result("modified_logic", "syntax", 0.6);
}
