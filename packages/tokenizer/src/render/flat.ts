import { LOSS_WEIGHTS } from "./loss-weights.ts";
import { plainSubject } from "./opening.ts";
import { MAX_OVERVIEW_FILES } from "./overview.ts";
import { type PatchRow, patchRows } from "./patch-rows.ts";
import { mark, type Piece, type WeightedText } from "./piece.ts";
import type { Rendering } from "./rendering.ts";
import type { RenderedChunk } from "./unit.ts";

const lineWeights: Record<PatchRow["sign"], number> = {
  "@": LOSS_WEIGHTS.position,
  " ": LOSS_WEIGHTS.contextLine,
  "-": LOSS_WEIGHTS.removedLine,
  "+": LOSS_WEIGHTS.addedLine,
};

/**
 * Text as git prints it, with no structure but where a document begins and ends: for each unit the
 * message and the unit's part of the patch, for each commit the message and the files' names.
 *
 * ```text
 * subject
 *
 * --- a/path
 * +++ b/path
 * @@ -1,3 +1,3 @@
 *  line
 * -old line
 * +new line
 * ```
 */
export const flat: Rendering = {
  joinsUnits: false,
  hasWholeCode: false,
  units: (commit, chunks) => {
    const parts: WeightedText[] = [];
    const subject = plainSubject(commit, false);
    if (subject !== "") parts.push({ text: `${subject}\n\n`, weight: LOSS_WEIGHTS.message });
    for (const chunk of chunks) {
      parts.push({ text: pathLines(chunk), weight: LOSS_WEIGHTS.place });
      for (const { sign, text } of patchRows(chunk.patch)) {
        parts.push({ text: sign + text, weight: lineWeights[sign] });
      }
    }
    return document(parts);
  },
  overview: (commit, files) => {
    const subject = plainSubject(commit, true);
    const list = files
      .slice(0, MAX_OVERVIEW_FILES)
      .map(({ letter, path }) => `${letter}\t${path}\n`);
    return document([
      ...(subject === "" ? [] : [{ text: `${subject}\n\n`, weight: LOSS_WEIGHTS.overviewMessage }]),
      { text: list.join(""), weight: LOSS_WEIGHTS.overviewPath },
    ]);
  },
};

const document = (parts: WeightedText[]): Piece[] => [
  mark("<COMMIT_START>", 0),
  { kind: "text", parts, cut: 1 },
  mark("<COMMIT_END>", LOSS_WEIGHTS.end),
];

function pathLines({ file_path, old_file_path, change_category }: RenderedChunk): string {
  const before = change_category === "A" ? "/dev/null" : `a/${old_file_path ?? file_path}`;
  const after = change_category === "D" ? "/dev/null" : `b/${file_path}`;
  return `--- ${before}\n+++ ${after}\n`;
}
