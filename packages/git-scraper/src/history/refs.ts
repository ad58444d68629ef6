import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DETACHED_HEADS, type Repository } from "@repotune/git";
import { textLines } from "./text-lines.ts";

/** Which refs a history starts from. */
export const REF_SCOPES = ["all", "branches", "heads", "head"] as const;
export type RefScope = (typeof REF_SCOPES)[number];

/** What each scope takes, besides HEAD. */
const prefixes: Record<RefScope, readonly string[]> = {
  all: ["refs/"],
  branches: ["refs/heads/", "refs/remotes/", "refs/tags/", DETACHED_HEADS],
  heads: ["refs/heads/"],
  head: [],
};

/** A ref that leads to a commit. */
interface Ref {
  /** Full name, e.g. `refs/heads/main`. Bytes that are not UTF-8 show as U+FFFD. */
  name: string;
  /** The commit it points to; for an annotated tag the one that is tagged. */
  commit: string;
}

/** The refs of a history. */
export interface Refs {
  /** In git's order, by name. */
  refs: Ref[];
  /** Commit that HEAD points to, if it exists. */
  head: string | undefined;
  /** Full name of the branch that HEAD names; undefined if it is detached. */
  currentBranch: string | undefined;
}

/**
 * Lists the refs of a scope that lead to commits. Refs to trees, blobs or missing objects are
 * passed over.
 */
export async function listRefs(repository: Repository, scope: RefScope): Promise<Refs> {
  const all = await readRefTable(repository);
  const head = await currentHead(repository);
  const commits = await peel(repository, [
    ...all.map((ref) => ref.object),
    ...(head.object === undefined ? [] : [head.object]),
  ]);
  const refs = all.flatMap(({ name, object }) => {
    const commit = commits.get(object);
    const isWanted = prefixes[scope].some((prefix) => name.startsWith(prefix));
    return commit !== undefined && isWanted ? [{ name, commit }] : [];
  });
  return {
    refs,
    head: head.object === undefined ? undefined : commits.get(head.object),
    currentBranch: head.branch,
  };
}

/** Every ref with the object it names, which need not exist. */
async function readRefTable(repository: Repository): Promise<{ name: string; object: string }[]> {
  const text = await repository.text(["for-each-ref", "--format=%(objectname) %(refname)"]);
  return textLines(text).map((line) => {
    const space = line.indexOf(" ");
    return { object: line.slice(0, space), name: line.slice(space + 1) };
  });
}

/** Where HEAD leads: to a branch, which may have no commit yet, or to an object directly. */
async function currentHead(
  repository: Repository,
): Promise<{ branch: string | undefined; object: string | undefined }> {
  const [object] = textLines(await repository.text(["rev-parse", "--revs-only", "HEAD"]));
  const head = await readFile(join(repository.gitDir, "HEAD"), "utf8");
  const [, branch] = /^ref: (refs\/heads\/.+)$/m.exec(head) ?? [];
  return { object, branch };
}

/** The commit behind each object, by one process; ids without one are left out. */
async function peel(
  repository: Repository,
  objects: readonly string[],
): Promise<Map<string, string>> {
  const distinct = [...new Set(objects)];
  const child = repository.spawn(["cat-file", "--batch-check=%(objectname)", "--buffer"]);
  child.stdin.end(distinct.map((object) => `${object}^{commit}\n`).join(""));
  let text = "";
  for await (const chunk of child.stdout.setEncoding("latin1")) text += chunk;
  await child.done;
  const commits = new Map<string, string>();
  for (const [index, line] of textLines(text).entries()) {
    const object = distinct[index];
    if (object !== undefined && /^[0-9a-f]+$/.test(line)) commits.set(object, line);
  }
  return commits;
}
