import type { TestRepository } from "../git.ts";
import { lines } from "./text.ts";

export function addModes(repository: TestRepository): void {
  const script = lines(40);
  const commit = repository.git("rev-parse", "HEAD");
  repository.commit("Add what changes kind", {
    script,
    text: lines(20),
    "picture.png": Buffer.from("\x89PNG\0\0", "latin1"),
    link: { symlink: "script" },
    module: { submodule: commit },
    moved: lines(30),
    odd: { content: "odd\n", mode: "100664" },
  });
  repository.commit("Mode only", {
    script: { content: script, mode: "100755" },
    "picture.png": { content: Buffer.from("\x89PNG\0\0", "latin1"), mode: "100755" },
  });
  repository.commit("Types change", {
    script: { symlink: "text" },
    link: "now a file\n",
    module: "now a file\nof two lines\n",
    text: { submodule: commit },
  });
  repository.commit("Types change back", {
    script: { content: script, mode: "100755" },
    link: { symlink: "elsewhere" },
    module: { submodule: repository.git("rev-parse", "HEAD~1") },
    text: lines(20),
  });
  repository.commit("Submodule moves", { module: { submodule: commit } });
  repository.commit("Pure renames", {
    moved: null,
    "moved/to here": lines(30),
    "picture.png": null,
    "images/picture.png": { content: Buffer.from("\x89PNG\0\0", "latin1"), mode: "100755" },
  });
  repository.commit("Rename with a change and a mode", {
    "moved/to here": null,
    "tab\tnew": { content: lines(30, { 3: "changed" }), mode: "100755" },
  });
  repository.commit("A file becomes a folder", { script: null, "script/run": lines(4) });
  repository.commit("Copies, of what changes and of what does not", {
    text: lines(20, { 5: "changed" }),
    "text copied": lines(20, { 9: "changed otherwise" }),
    "link copied": { symlink: "elsewhere" },
  });
  addGroupWritable(repository);
}

/** Mode 100664, which old gits wrote and no index can hold. */
function addGroupWritable(repository: TestRepository): void {
  const blob = (text: string) => repository.writeObject("blob", text);
  const commitMode = (message: string, mode: string, content: string) => {
    const head = repository.git("rev-parse", "HEAD");
    const entry = Buffer.from(`${mode} group\0`);
    const id = Buffer.from(blob(content), "hex");
    const folder = repository.writeObject("tree", Buffer.concat([entry, id]));
    const listing = repository.gitBytes(["ls-tree", "-z", head]).toString("latin1").split("\0");
    const others = listing.slice(0, -1).filter((line) => !line.endsWith("\twritable"));
    const tree = [...others, `040000 tree ${folder}\twritable\0`].join("\0");
    const made = repository.gitBytes(["mktree", "-z", "--missing"], Buffer.from(tree, "latin1"));
    repository.commit(message, {}, { parents: [head], tree: made.toString().trim() });
  };
  commitMode("Group-writable", "100664", "one\n");
  commitMode("Group-writable, changed", "100664", "one\ntwo\n");
  commitMode("No longer group-writable", "100644", "one\ntwo\n");
}
