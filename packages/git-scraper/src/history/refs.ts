import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DETACHED_HEADS, type Repository } from "@repotune/git";
import { nothingSelected } from "./nothing-selected.ts";
import { readLatin1Lines } from "./read-lines.ts";
import { type RefScope, type RefSelection, refNameTest } from "./ref-selection.ts";
import { textLines } from "./text-lines.ts";

/** What each scope takes, besides HEAD. */
const prefixes: Record<RefScope, readonly string[]> = {
  all: ["refs/"],
  branches: ["refs/heads/", "refs/remotes/", "refs/tags/", DETACHED_HEADS],
  heads: ["refs/heads/"],
  head: [],
  mainline: [],
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
  /** Commit that HEAD points to, if it exists and the selection takes it. */
  head: string | undefined;
  /** Full name of the branch that HEAD names; undefined if it is detached. */
  currentBranch: string | undefined;
  /** Patterns of the selection that no ref matched, while others did. */
  unmatched: string[];
}

/** Where HEAD leads: to a branch (by the bytes of its name), which may have no commit yet, or to an object directly. */
interface Head {
  branch: string | undefined;
  object: string | undefined;
}

/**
 * Lists the refs of a selection that lead to commits. Refs to trees, blobs or missing objects are
 * passed over.
 *
 * @throws {StageError} `E_NOT_FOUND` if the repository has such refs, but none that is selected.
 */
export async function listRefs(repository: Repository, selection: RefSelection): Promise<Refs> {
  const table = await readRefTable(repository);
  const head = await currentHead(repository, table);
  const commits = await peel(repository, [
    ...table.map((ref) => ref.object),
    ...(head.object === undefined ? [] : [head.object]),
  ]);
  /** By their names' bytes. */
  const present = table.flatMap(({ name, object }) => {
    const commit = commits.get(object);
    return commit === undefined ? [] : [{ name, commit }];
  });
  const isExcluded = refNameTest(selection.excluded);
  const isMatch = refNameTest(selection.patterns);
  const taken = selection.scopes.flatMap((scope) => prefixes[scope]);
  const refs = present.filter(({ name }) => {
    const isTaken = isMatch(name) || taken.some((prefix) => name.startsWith(prefix));
    return isTaken && !isExcluded(name);
  });
  const headCommit = head.object === undefined ? undefined : commits.get(head.object);
  // HEAD goes with its branch.
  const isHeadTaken = selection.scopes.length > 0 && !isExcluded(head.branch ?? "");
  const selectedHead = isHeadTaken ? headCommit : undefined;
  const currentBranch = head.branch === undefined ? undefined : asText(head.branch);
  if (refs.length === 0 && selectedHead === undefined && present.length > 0) {
    const names = present.filter(({ name }) => !name.startsWith(DETACHED_HEADS));
    throw nothingSelected(
      selection,
      names.map(({ name }) => asText(name)),
      currentBranch,
    );
  }
  const isUnmatched = (pattern: string) => {
    const isOne = refNameTest([pattern]);
    return !present.some(({ name }) => isOne(name));
  };
  return {
    refs: refs.map(({ name, commit }) => ({ name: asText(name), commit })),
    head: selectedHead,
    currentBranch,
    unmatched: selection.patterns.filter(isUnmatched),
  };
}

/** A ref and the object it names, which need not exist. Names are latin1 text of their bytes. */
interface RefEntry {
  name: string;
  object: string;
}

/** What stands in HEAD before the name of a ref. */
const SYMBOLIC = "ref: ";

async function readRefTable(repository: Repository): Promise<RefEntry[]> {
  const child = repository.spawn(["for-each-ref", "--format=%(objectname) %(refname)"]);
  const table: RefEntry[] = [];
  for await (const line of readLatin1Lines(child.stdout)) {
    const space = line.indexOf(" ");
    table.push({ object: line.slice(0, space), name: line.slice(space + 1) });
  }
  await child.done;
  return table;
}

/** Names are bytes in latin1 until they are shown. */
const asText = (name: string) => Buffer.from(name, "latin1").toString();

/** The shadow has no other symbolic refs, so that HEAD's own leads to no further one. */
async function currentHead(repository: Repository, table: readonly RefEntry[]): Promise<Head> {
  const head = (await readFile(join(repository.gitDir, "HEAD"), "latin1")).trimEnd();
  if (!head.startsWith(SYMBOLIC)) return { object: head, branch: undefined };
  const target = head.slice(SYMBOLIC.length);
  const object = table.find(({ name }) => name === target)?.object;
  return { object, branch: target.startsWith("refs/heads/") ? target : undefined };
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
