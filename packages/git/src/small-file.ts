import { readFile, stat } from "node:fs/promises";

/** What lies at a path, links followed. */
export const kindOf = (path: string): Promise<"file" | "folder" | undefined> =>
  stat(path).then(
    (info) => (info.isFile() ? "file" : info.isDirectory() ? "folder" : undefined),
    () => undefined, // Not there, or not ours to read.
  );

/** Text of a file; a FIFO or a device in its place is never opened. */
export async function readSmallFile(path: string): Promise<string | undefined> {
  return (await kindOf(path)) === "file" ? readFile(path, "utf8") : undefined;
}
