import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ObjectReader, type Repository } from "@repotune/git";
import { parseCommitObject } from "../commit/commit-object.ts";

/** An edge that leads nowhere. */
export interface MissingParent {
  child: string;
  parent: string;
}

/** Commits that are read at a time. */
const BATCH = 256;

/**
 * Walks the history object by object and cuts off, in the shadow only, the edges to commits that
 * are missing or damaged, so that git can walk the rest.
 *
 * A graft rather than a shallow entry: that would cut a merge's other parents off too.
 *
 * @param firstParent whether only first parents are followed: others may then be missing.
 */
export async function graftMissingParents(
  repository: Repository,
  tips: readonly string[],
  firstParent: boolean,
): Promise<{ missingParents: MissingParent[]; readableTips: string[] }> {
  const { parents, unreadable } = await walk(repository, tips, firstParent);
  const missingParents: MissingParent[] = [];
  let grafts = "";
  for (const [child, all] of parents) {
    const readable = all.filter((parent) => !unreadable.has(parent));
    if (readable.length === all.length) continue;
    // Without its first parent, the next would take its place, and another history be followed.
    const kept = firstParent && readable[0] !== all[0] ? [] : readable;
    grafts += `${[child, ...kept].join(" ")}\n`;
    for (const parent of all) if (unreadable.has(parent)) missingParents.push({ child, parent });
  }
  if (grafts !== "") {
    const info = join(repository.gitDir, "info");
    await mkdir(info, { recursive: true });
    await writeFile(join(info, "grafts"), grafts);
    await appendFile(
      join(repository.gitDir, "config"),
      "[advice]\n\tgraftFileDeprecated = false\n[core]\n\tcommitGraph = false\n",
    );
  }
  return { missingParents, readableTips: tips.filter((tip) => !unreadable.has(tip)) };
}

/** Parents of every commit that can be read, and the ids of those that cannot. */
async function walk(
  repository: Repository,
  tips: readonly string[],
  firstParent: boolean,
): Promise<{ parents: Map<string, string[]>; unreadable: Set<string> }> {
  const parents = new Map<string, string[]>();
  const unreadable = new Set<string>();
  const boundary = await shallowCommits(repository);
  const seen = new Set(tips);
  const queue = [...seen];
  const reader = ObjectReader.open(repository);
  try {
    for (let at = 0; at < queue.length; ) {
      const batch = queue.slice(at, at + BATCH);
      at += batch.length;
      const answers = await Promise.all(batch.map((id) => reader.readTyped(id)));
      for (const [index, { type, data }] of answers.entries()) {
        const id = batch[index] as string;
        if (type !== "commit" || data === undefined) {
          unreadable.add(id);
          continue;
        }
        const found = boundary.has(id) ? [] : parseCommitObject(data).parents;
        parents.set(id, found);
        for (const parent of firstParent ? found.slice(0, 1) : found) {
          if (seen.has(parent)) continue;
          seen.add(parent);
          queue.push(parent);
        }
      }
    }
  } finally {
    await reader.close();
  }
  return { parents, unreadable };
}

/** Commits whose parents a shallow clone lacks on purpose. */
async function shallowCommits(repository: Repository): Promise<Set<string>> {
  if (!repository.isShallow) return new Set();
  return new Set((await readFile(join(repository.gitDir, "shallow"), "utf8")).split("\n"));
}
