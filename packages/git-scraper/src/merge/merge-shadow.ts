import { copyFile, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Repository } from "@repotune/git";

/**
 * A bare repository inside the shadow for what a merge writes: the same configuration, objects and
 * shallow boundary, no refs, and an object folder of its own, which can be emptied.
 *
 * It does not see the shadow's own objects: the blobs that stand in for missing ones there would
 * make conflicts up.
 */
export class MergeShadow {
  readonly gitDir: string;

  private constructor(gitDir: string) {
    this.gitDir = gitDir;
  }

  static async create({ gitDir, isShallow }: Repository): Promise<MergeShadow> {
    const folder = join(gitDir, "merge-shadow");
    await rm(folder, { recursive: true, force: true });
    await mkdir(join(folder, "objects", "info"), { recursive: true });
    await mkdir(join(folder, "refs"));
    const files = ["config", "HEAD", join("objects", "info", "alternates")];
    if (isShallow) files.push("shallow");
    for (const file of files) await copyFile(join(gitDir, file), join(folder, file));
    return new MergeShadow(folder);
  }

  /** Removes what merges have written; only while no git is at work here. */
  async clear(): Promise<void> {
    const objects = join(this.gitDir, "objects");
    for (const entry of await readdir(objects)) {
      if (entry !== "info") await rm(join(objects, entry), { recursive: true, force: true });
    }
  }

  async remove(): Promise<void> {
    await rm(this.gitDir, { recursive: true, force: true });
  }
}
