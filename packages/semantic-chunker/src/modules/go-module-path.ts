import { folderOf, segmentsBelow } from "./folders.ts";
import type { Package } from "./package-index.ts";

/**
 * Package that a Go file is of, from its module down: `doc/md_docs.go` of `github.com/spf13/cobra`
 * is of `github.com/spf13/cobra::doc`.
 */
export function goModulePath(path: string, goModule: Package | undefined): string[] {
  const folder = folderOf(path);
  const inside = folder === "" ? [] : segmentsBelow(folder, goModule?.folder ?? "");
  return goModule ? [goModule.name, ...inside] : inside;
}
