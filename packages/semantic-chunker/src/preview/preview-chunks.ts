import type { Commit, PreviewView, StageContext } from "@repotune/schema";
import type { ChunkOptions } from "../options.ts";
import { withObjects } from "../with-objects.ts";
import { formatPreview } from "./format-preview.ts";
import { previewCommit } from "./preview-commit.ts";

/**
 * Shows what a commit is cut into: as lines for a person, or as its chunks, one a line.
 *
 * @param repo repository to read files from; without it, patches must do.
 * @throws {StageError} as `chunkCommits`; as `openRepository` of `@repotune/git`.
 */
export async function* previewChunks(
  commit: Commit,
  { repo, options }: { repo?: string | undefined; options?: Partial<ChunkOptions> },
  view: PreviewView,
  context: StageContext = {},
): AsyncGenerator<string> {
  const { signal, onNotice } = context;
  const preview = await withObjects(repo, context, (objects) =>
    previewCommit(commit, options, { objects, signal }),
  );
  if (repo === undefined && preview.uncut.some(({ outcome }) => outcome === "degraded")) {
    onNotice?.("Without --repo, files that changed are cut by hunk, and modules are not known.");
  }
  if (view.isJson) for (const chunk of preview.chunks) yield `${JSON.stringify(chunk)}\n`;
  else for (const line of formatPreview(preview, view)) yield `${line}\n`;
}
