"""libgit2, by pygit2, over every commit: a library that reads the objects itself, in place of git.

    pygit2-peer.py --version | REPOSITORY

Left out against a scrape: branches, tags, and writing anything.
"""

import json
import sys

import pygit2

if sys.argv[1] == "--version":
    print(f"pygit2 {pygit2.__version__} (libgit2 {pygit2.LIBGIT2_VERSION})")
    sys.exit()

repository = pygit2.Repository(sys.argv[1])
walk = repository.walk(None, pygit2.GIT_SORT_TIME | pygit2.GIT_SORT_TOPOLOGICAL | pygit2.GIT_SORT_REVERSE)
for name in repository.references:
    target = repository.references[name].peel()
    if isinstance(target, pygit2.Commit):
        walk.push(target.id)

commits = files = additions = deletions = 0
for commit in walk:
    commits += 1
    _ = (str(commit.id), str(commit.tree_id), commit.message)
    _ = (commit.author.name, commit.author.email, commit.author.time, commit.author.offset)
    _ = (commit.committer.name, commit.committer.email, commit.committer.time)
    if commit.parent_ids:
        changes = repository.diff(commit.parents[0], commit)
    else:
        changes = commit.tree.diff_to_tree(swap=True)
    changes.find_similar()
    for patch in changes:
        files += 1
        _ = (patch.delta.old_file.path, patch.delta.new_file.path, patch.delta.status, patch.data)
        _, added, deleted = patch.line_stats
        additions += added
        deletions += deleted
print(json.dumps({"commits": commits, "files": files, "lines": additions + deletions}))
