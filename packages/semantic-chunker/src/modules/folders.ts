import { posix } from "node:path";

/** The folder that a file lies in; empty for the root. */
export function folderOf(path: string): string {
  const folder = posix.dirname(path);
  return folder === "." ? "" : folder;
}

/** A folder and all around it, from the root down. */
export function* ancestors(folder: string): Generator<string> {
  yield "";
  for (let at = folder.indexOf("/"); at >= 0; at = folder.indexOf("/", at + 1)) {
    yield folder.slice(0, at);
  }
  if (folder !== "") yield folder;
}

/** The segments of `path` below `folder`, which it lies in. */
export const segmentsBelow = (path: string, folder: string): string[] =>
  path.split("/").slice(folder === "" ? 0 : folder.split("/").length);
