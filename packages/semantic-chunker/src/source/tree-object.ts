/** An entry of a git tree. */
export interface TreeEntry {
  name: string;
  isFolder: boolean;
  id: string;
}

/**
 * Reads a git tree object: `<mode> <name>\0<id>` again and again.
 *
 * @param idBytes 20 for SHA-1, 32 for SHA-256.
 */
export function* readTree(data: Buffer, idBytes: number): Generator<TreeEntry> {
  let at = 0;
  while (at < data.length) {
    const space = data.indexOf(32, at);
    const end = data.indexOf(0, space);
    if (space < 0 || end < 0) return;
    const id = data.toString("hex", end + 1, end + 1 + idBytes);
    // The mode of a folder is 40000; nothing else begins with a 4.
    yield { name: data.toString("utf8", space + 1, end), isFolder: data[at] === 0x34, id };
    at = end + 1 + idBytes;
  }
}
