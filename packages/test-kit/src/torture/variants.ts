import { cpSync } from "node:fs";
import { join } from "node:path";
import { TestRepository } from "../git.ts";

/** Objects by path at a commit that {@link tortureVariants}' "missing objects" lacks. */
const MISSING = ["HEAD:left.txt", "HEAD~2:right.txt", "annotated:other-root", "left:counter"];

/** Other forms in which a history lies on disk; each makes one beside a repository. */
export const tortureVariants = {
  /** Cut off after a few commits of each branch. */
  shallow: (repository: TestRepository) => repository.clone({ depth: 3 }),
  /** Without blobs; a remote would give them, which nobody may ask. */
  partial(repository: TestRepository) {
    repository.git("config", "uploadpack.allowFilter", "true");
    return repository.clone({ mirror: true, filter: "blob:none" });
  },
  /** Without a work tree, with every ref, packed. */
  bare: (repository: TestRepository) => repository.clone({ mirror: true }),
  /** A linked work tree, its HEAD detached from any branch. */
  worktree(repository: TestRepository) {
    const path = join(repository.path, "..", "linked");
    repository.git("worktree", "add", "--quiet", "--no-checkout", "--detach", path, "left");
    const gitDir = join(repository.gitDir, "worktrees", "linked");
    return new TestRepository(path, gitDir, repository.objectFormat);
  },
  /** A copy that lacks a few blobs. */
  "missing objects"(repository: TestRepository) {
    const path = join(repository.path, "..", "damaged");
    cpSync(repository.path, path, { recursive: true, verbatimSymlinks: true });
    const copy = new TestRepository(path, join(path, ".git"), repository.objectFormat);
    const ids = MISSING.map((name) => copy.git("--no-replace-objects", "rev-parse", name));
    for (const id of new Set(ids)) copy.removeObject(id);
    return copy;
  },
} satisfies Record<string, (repository: TestRepository) => TestRepository>;
