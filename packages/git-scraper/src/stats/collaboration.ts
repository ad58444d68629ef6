import type { HistoryStats } from "@repotune/schema";
import type { FileActivity } from "./file-activity.ts";
import { Incidence } from "./incidence.ts";
import { Strongest } from "./strongest.ts";

interface Pair {
  a: number;
  b: number;
  files: number;
  lines: number;
}

/** Which authors changed the same files. */
export function collaboration(
  files: readonly FileActivity[],
  authorCount: number,
  maxPairs: number,
): HistoryStats["collaboration"] {
  const incidence = new Incidence();
  for (const { contributions } of files) {
    for (const { author, additions } of contributions) incidence.add(author, additions);
    incidence.endGroup();
  }
  const strongest = new Strongest<Pair>(
    maxPairs,
    (x, y) => y.files - x.files || y.lines - x.lines || x.a - y.a || x.b - y.b,
  );
  incidence.forEachPair(authorCount, (a, b, shared, lines) => {
    strongest.add({ a, b, files: shared, lines });
  });
  const { items, cut } = strongest.take();
  return {
    pairs_left_out: cut,
    pairs: items.map(({ a, b, files: shared, lines }) => ({
      authors: [a, b],
      shared_files: shared,
      shared_lines: lines,
    })),
  };
}
