"""PyDriller over every commit: the metadata, and each file's patch and counts of lines.

    pydriller-peer.py --version | REPOSITORY

PyDriller has no patches for merges: it does less there than the others. Left out against a scrape:
`commit.branches` (a `git branch --contains` for each commit), tags, and writing anything.
"""

import json
import sys

import git
import pydriller

if sys.argv[1] == "--version":
    print(f"PyDriller {pydriller.__version__} (GitPython {git.__version__})")
    sys.exit()

commits = files = additions = deletions = 0
repository = pydriller.Repository(sys.argv[1], include_refs=True, include_remotes=True)
for commit in repository.traverse_commits():
    commits += 1
    _ = (commit.hash, commit.parents, commit.merge, commit.msg)
    _ = (commit.author.name, commit.author.email, commit.author_date)
    _ = (commit.committer.name, commit.committer.email, commit.committer_date)
    for file in commit.modified_files:
        files += 1
        _ = (file.old_path, file.new_path, file.change_type, file.diff)
        additions += file.added_lines
        deletions += file.deleted_lines
print(json.dumps({"commits": commits, "files": files, "lines": additions + deletions}))
