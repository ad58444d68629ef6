/**
 * Compares every field of a `commits.jsonl` with what plain git says of the repository, by nothing
 * of ours: Node reads the lines, git is asked, bytes are compared. One pass, bounded memory.
 *
 *     node check/compare-with-git.mjs OUTPUT REPOSITORY [--refs all] [--apply all|N]
 *         [--merges all|N] [--merge-diffs combined] [--diff=-C50%]
 *
 * --refs         the refs that were followed: all, branches, heads, head, or arguments of rev-list
 * --apply        non-merge commits whose patches are put through `git apply` on the parent's tree:
 *                all, or so many, spread over the history (default 200)
 * --merges       merges that git repeats one by one, where the scrape has their details: all, or so
 *                many (default 200)
 * --merge-diffs  what merges were compared with: first-parent (default), combined or none
 * --diff         further flags of `git diff-tree` that the patches were made with
 *
 * Prints a table of fields, comparisons and differences, and exits with 1 if there are any.
 */
import { parseArgs } from "node:util";
import { PatchApplier } from "./apply-patches.mjs";
import { changes, patches } from "./changes.mjs";
import { compareCommit } from "./compare-commit.mjs";
import { formats, objects } from "./headers.mjs";
import { Merges } from "./merges.mjs";
import { PlainGit } from "./plain-git.mjs";
import { besides, Lineage, records } from "./records.mjs";
import { Refs } from "./refs.mjs";
import { Tally } from "./tally.mjs";
import { Totals } from "./totals.mjs";

const REFS = {
  all: ["--all"],
  branches: ["--branches", "--remotes", "--tags", "HEAD"],
  heads: ["--branches", "HEAD"],
  head: ["HEAD"],
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    refs: { type: "string", default: "all" },
    apply: { type: "string", default: "200" },
    merges: { type: "string", default: "200" },
    "merge-diffs": { type: "string", default: "first-parent" },
    diff: { type: "string", default: "" },
  },
});
const [output, repository] = positionals;
if (repository === undefined) {
  console.error(
    "usage: compare-with-git.mjs OUTPUT REPOSITORY [--refs all] [--apply all|N] [--merges all|N]",
  );
  process.exit(2);
}

const tally = new Tally();
const git = new PlainGit(repository);
try {
  await compare();
} finally {
  git.close();
}
process.stdout.write(tally.report());
console.log(`\n${tally.differences} differences`);
process.exitCode = tally.differences > 0 ? 1 : 0;

async function compare() {
  const scope = REFS[values.refs] ?? values.refs.split(" ");
  const rows = git.lines(["rev-list", "--date-order", "--reverse", "--parents", ...scope]);
  const ids = rows.map((row) => row.split(" ", 1)[0]);
  // As git walks them: at the edge of a shallow clone there are none.
  const parents = rows.map((row) => row.split(" ").slice(1));
  const shape = {
    merges: values["merge-diffs"],
    flags: values.diff.split(" ").filter(Boolean),
  };
  const meta = besides(output, "meta");
  const sources = {
    formats: formats(git, ids),
    objects: objects(git, ids),
    changes: changes(git, ids, parents, shape),
    patches: patches(git, ids, parents, shape),
  };
  const history = {
    ...{ tally, git, ids, parents },
    positions: new Map(ids.map((id, index) => [id, index])),
    refs: new Refs(git, ids, parents),
    lineage: new Lineage(besides(output, "lineage")),
    failed: new Set(meta?.metadata.failures.map(({ commit_hash }) => commit_hash)),
    applier: new PatchApplier(git),
    isApplied: sampler(parents),
    // Positions whose branches are asked of git itself, a process each.
    asked: new Set(Array.from({ length: 25 }, (_, i) => Math.floor((i * ids.length) / 25))),
    trees: [],
    dates: [],
  };
  const totals = new Totals();
  const merges = new Merges(git, countOf(values.merges));
  let position = 0;
  for await (const commit of records(output)) {
    const said = {};
    for (const [name, source] of Object.entries(sources)) said[name] = (await source.next()).value;
    tally.compare("hash", `line ${position + 1}`, commit.metadata.hash, ids[position]);
    tally.compare("commit_number", `line ${position + 1}`, commit.commit_number, position);
    if (commit.metadata.hash !== ids[position]) return;
    compareCommit(history, commit, position, said);
    totals.add(said.formats, commit.metadata, said.changes ?? commit.diffs);
    merges.add(commit);
    position += 1;
  }
  tally.compare("commits", output, position, ids.length);
  merges.compare(tally);
  if (meta) totals.compare(tally, meta.metadata, history.refs.branchNames);
}

function countOf(text) {
  return text === "all" ? Number.POSITIVE_INFINITY : Number(text);
}

/** Says of a position whether its patches are put through `git apply`. */
function sampler(parents) {
  const ordinary = parents.flatMap((list, index) => (list.length > 1 ? [] : [index]));
  const count = countOf(values.apply);
  const step = Math.max(1, Math.floor(ordinary.length / Math.max(1, count)));
  const chosen = new Set(count > 0 ? ordinary.filter((_, i) => i % step === 0) : []);
  return (position) => chosen.has(position);
}
