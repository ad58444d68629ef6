import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestRepository } from "../git.ts";
import { latin1 } from "./text.ts";

export function addRefs(repository: TestRepository): void {
  repository.tag("light");
  repository.tag("annotated", { at: "HEAD~1", message: "A tag" });
  repository.tag("nested", { at: "annotated", message: "A tag of a tag" });
  repository.tag("blob", { at: repository.writeObject("blob", "tagged blob") });
  const head = repository.git("rev-parse", "HEAD");
  repository.git("update-ref", "refs/heads/--output=pwned", head);
  repository.git("update-ref", "refs/remotes/origin/main", repository.git("rev-parse", "HEAD~3"));
  repository.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main");
  repository.git("update-ref", "refs/pull/1/head", repository.git("rev-parse", "left"));
  repository.git("notes", "add", "-m", "A note", head);
  repository.git("replace", head, repository.git("rev-parse", "HEAD~5"));
  repository.git("tag", "tree", repository.git("rev-parse", "HEAD^{tree}"));
  repository.git("update-ref", "refs/tags/main", repository.git("rev-parse", "HEAD~2"));
  for (const name of ["HEAD", "$(pwned)", "é", 'quo"te', "a/b/c", "stash"]) {
    repository.git("update-ref", `refs/heads/${name}`, repository.git("rev-parse", "left"));
  }
  addStash(repository);
  writeFileSync(join(repository.gitDir, "info", "grafts"), `${head}\n`);
  addPackedRef(repository, latin1("refs/heads/caf\xe9"), repository.git("rev-parse", "HEAD~4"));
}

/** What `git stash --include-untracked` leaves: a merge of the index's state and of new files. */
function addStash(repository: TestRepository): void {
  const head = repository.git("rev-parse", "HEAD");
  repository.git("update-ref", "refs/heads/to-be-stashed", head);
  repository.checkout("to-be-stashed");
  const index = repository.commit("index on main", { stashed: "1\n" });
  const untracked = repository.commit("untracked files", { new: "1\n" }, { parents: [] });
  const parents = [head, index, untracked];
  const stash = repository.commit("WIP on main", { stashed: "2\n" }, { parents });
  repository.checkout("main");
  repository.git("update-ref", "-d", "refs/heads/to-be-stashed");
  repository.git("update-ref", "refs/stash", stash);
}

/** A ref by a name that no file system needs to allow. */
function addPackedRef(repository: TestRepository, name: Buffer, id: string): void {
  repository.git("pack-refs", "--all");
  const path = join(repository.gitDir, "packed-refs");
  const rows = readFileSync(path, "latin1").split("\n").slice(0, -1);
  const added = `${id} ${name.toString("latin1")}`;
  const at = rows.findIndex((row) => /^[0-9a-f]/.test(row) && nameOf(row) > nameOf(added));
  rows.splice(at, 0, added);
  writeFileSync(path, `${rows.join("\n")}\n`, "latin1");
}

const nameOf = (row: string) => row.slice(row.indexOf(" ") + 1);
