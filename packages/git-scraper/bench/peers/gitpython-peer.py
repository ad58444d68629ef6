"""GitPython over every commit: the metadata, and each file's patch against the first parent.

    gitpython-peer.py --version | REPOSITORY [--stats]

As PyDriller reads a history inside: one `git rev-list` for the list, objects from a standing
`git cat-file`, and a `git diff --raw -p` for each commit. Lines are counted in the patch; with
`--stats` also by GitPython's own `commit.stats`, a `git diff --numstat` for each commit. Left out
against a scrape: branches, tags, and writing anything.
"""

import json
import sys

import git

stats = "--stats" in sys.argv
if sys.argv[1] == "--version":
    print(f"GitPython {git.__version__}" + (", with commit.stats" if stats else ""))
    sys.exit()

commits = files = additions = deletions = 0
for commit in git.Repo(sys.argv[1]).iter_commits(all=True, date_order=True, reverse=True):
    commits += 1
    _ = (commit.hexsha, commit.tree.hexsha, commit.message)
    _ = (commit.author.name, commit.author.email, commit.authored_datetime)
    _ = (commit.committer.name, commit.committer.email, commit.committed_datetime)
    _ = commit.stats.total if stats else None
    if commit.parents:
        changes = commit.parents[0].diff(commit, create_patch=True)
    else:
        changes = commit.diff(git.NULL_TREE, create_patch=True)
    for change in changes:
        files += 1
        _ = (change.a_path, change.b_path, change.a_mode, change.b_mode, change.renamed_file)
        for line in change.diff.split(b"\n"):
            additions += line.startswith(b"+")
            deletions += line.startswith(b"-")
print(json.dumps({"commits": commits, "files": files, "lines": additions + deletions}))
