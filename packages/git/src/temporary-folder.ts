import { rmSync } from "node:fs";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Folders that still exist; what is left when the process exits is removed then. */
const folders = new Set<string>();

function removeAll(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}

/** Makes a private folder (mode 0700) that outlives neither its use nor the process. */
export async function createTemporaryFolder(prefix: string): Promise<string> {
  const folder = await mkdtemp(join(await realpath(tmpdir()), prefix));
  if (folders.size === 0) process.on("exit", removeAll);
  folders.add(folder);
  return folder;
}

/** Removes a folder of {@link createTemporaryFolder}; a second call does nothing. */
export async function removeTemporaryFolder(folder: string): Promise<void> {
  // A process of ours may just have been killed and still hold a file open, which Windows minds.
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  folders.delete(folder);
  if (folders.size === 0) process.off("exit", removeAll);
}
