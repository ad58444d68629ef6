import { gitRepository, type RepositoryOptions, type TestRepository } from "@repotune/test-kit/git";

const latin1 = (text: string) => Buffer.from(text, "latin1");

/** Numbered lines, from which a change stands out. */
const lines = (count: number, replaced: Record<number, string> = {}) =>
  Array.from({ length: count }, (_, index) => `${replaced[index] ?? `line ${index}`}\n`).join("");

/** Text that looks like git's own output. */
const DECEPTIVE = [
  "diff --git a/x b/x",
  "index 0000000..1111111 100644",
  "--- a/x",
  "+++ b/x",
  "@@ -1,3 +1,3 @@",
  "= end",
  ":100644 100644 4b825dc642cb6eb9a060e54bf8d69288fbee4904 4b825dc642cb6eb9a060e54bf8d69288fbee4904 M\tx",
  "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
  "Binary files a/x and b/x differ",
  "\\ No newline at end of file",
  "",
].join("\n");

/**
 * A history of what occurs in the wild, rarely or on purpose: paths, contents, modes, messages,
 * dates and shapes that trip a careless reader up.
 */
export function tortureRepository(options: RepositoryOptions = {}): TestRepository {
  const repository = gitRepository(options);
  addPathsAndContents(repository);
  addModes(repository);
  addMessages(repository);
  addIdentitiesAndDates(repository);
  addShapes(repository);
  addRefs(repository);
  return repository;
}

function addPathsAndContents(repository: TestRepository): void {
  const names: (string | Buffer)[] = [
    "plain.txt",
    "folder/deep/er/file.rs",
    "with space.txt",
    "trailing space ",
    "tab\there",
    "new\nline",
    'quo"te',
    "back\\slash",
    "bell\u0007",
    "--output=pwned",
    ":(glob)x",
    "diff --git a_x b_x",
    "é/ü.txt",
    "\u2028",
    "= end",
    latin1("caf\xe9"),
    Buffer.from([0xff, 0xfe, 0x2f, 0xf0]),
  ];
  repository.commit(
    "Odd paths",
    names.map((name, index) => [name, lines(5 + index)]),
  );
  repository.commit(
    "Odd paths change",
    names.map((name, index) => [name, lines(5 + index, { 2: "changed" })]),
  );
  const contents: Record<string, string | Buffer> = {
    empty: "",
    "no-newline": "one\ntwo",
    "only-newlines": "\n\n\n",
    crlf: "one\r\ntwo\r\n",
    "lone-cr": "one\rtwo\rthree",
    latin1: latin1("na\xefve caf\xe9\n"),
    utf16: Buffer.from("\ufeffh\u00ebllo\n", "utf16le"),
    nul: "text\0binary\n",
    bom: "\ufefftext\n",
    separators: "a\u2028b\u2029c\u0085d\u000be\u000cf\n",
    controls: Buffer.from(Array.from({ length: 31 }, (_, index) => index + 1)),
    surrogate: Buffer.from([0xed, 0xa0, 0x80, 0x0a]),
    deceptive: DECEPTIVE,
    "long-line": `${"x".repeat(5_000_000)}\nshort\n`,
    conflict: "<<<<<<< a\n=======\n>>>>>>> b\n",
  };
  repository.commit("Odd contents", contents);
  repository.commit(
    "Odd contents change",
    Object.entries(contents).map(([name, content]) => [
      name,
      Buffer.concat([Buffer.from(content), Buffer.from("added without newline")]),
    ]),
  );
  repository.commit(
    "Odd contents go",
    Object.keys(contents).map((name) => [name, null]),
  );
  repository.commit("Deceptive, in the middle", {
    deceptive: `${lines(9)}${DECEPTIVE}${lines(9)}`,
  });
  repository.commit("Deceptive, less", { deceptive: `${lines(9)}${lines(9)}` });
  repository.commit("Attributes", {
    ".gitattributes": "*.txt -diff\n*.rs diff=rust\n* text=auto\n",
  });
  repository.commit("Change under attributes", {
    "plain.txt": lines(3),
    "folder/deep/er/file.rs": "",
  });
}

function addModes(repository: TestRepository): void {
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
}

function addMessages(repository: TestRepository): void {
  const messages: (string | Buffer)[] = [
    "",
    "\n\n  \n\nLeading blank lines \t\nsecond line of the subject\n \nBody\n\n  indented\n\n\n",
    "Subject only, no line feed",
    'Revert "Odd paths"\n\nThis reverts commit abc.\n',
    "fixup! Odd paths",
    "squash! Odd paths",
    "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor X <x> 1 +0000\n\nlooks like headers\n",
    "= end\n\ndiff --git a/x b/x\n@@ -1 +1 @@\n",
    `Follow ${repository.git("rev-parse", "--short=9", "HEAD~3")} and #12, fixes owner/name#34 (GH-5)\n`,
    "\u2028 \u0001 \u001b[31m control\n",
    Buffer.from([0x62, 0x61, 0x64, 0xff, 0x0a]),
    "x".repeat(100_000),
  ];
  for (const [index, message] of messages.entries()) {
    repository.commit(message, { counter: `${index}\n` });
  }
  repository.commit(
    latin1("Caf\xe9\n\nna\xefve\n"),
    {},
    {
      author: latin1("Andr\xe9 <andre@example.org>"),
      headers: "encoding ISO-8859-1\n",
    },
  );
  repository.commit("Unknown encoding", {}, { headers: "encoding x-no-such\n" });
  repository.commit(latin1("Wrong encoding \xe9"), {}, { headers: "encoding UTF-8\n" });
  repository.commit(
    "Signed",
    {},
    {
      headers:
        "gpgsig -----BEGIN PGP SIGNATURE-----\n \n author fake <fake> 1 +0000\n -----END-----\nunknown header\n",
    },
  );
}

function addIdentitiesAndDates(repository: TestRepository): void {
  const dates = [
    "0 +0000",
    "1735689600 +0530",
    "1735689600 -0330",
    "1735689600 -0000",
    "1735689600 +1400",
    "99999999999 +0000",
  ];
  for (const date of dates) repository.commit(`Date ${date}`, {}, { date });
  repository.commit("Back in the present");
  for (const author of [" <>", "A < b <c@d>", 'Q "x" <q@example.org>', "Ünï <ü@example.org>"]) {
    repository.commit(`Author ${author}`, {}, { author, committer: "C <c@example.org>" });
  }
}

function addShapes(repository: TestRepository): void {
  const base = repository.git("rev-parse", "HEAD");
  repository.commit("Empty commit");
  repository.checkout("left", { create: true });
  repository.commit("Left", { "left.txt": lines(10), shared: "left\n" });
  repository.checkout("main");
  repository.commit("Right", { "right.txt": lines(10), shared: "right\n" });
  repository.merge("left", { shared: "both\n", evil: "only in the merge\n" });
  for (const name of ["one", "two", "three"]) {
    repository.git("update-ref", `refs/heads/${name}`, base);
    repository.checkout(name);
    repository.commit(`Octopus ${name}`, { [`${name}.txt`]: `${name}\n` });
  }
  repository.checkout("main");
  const tips = ["main", "one", "two", "three"].map((name) => repository.git("rev-parse", name));
  repository.commit("Octopus", { "one.txt": "one\n", "two.txt": "two\n" }, { parents: tips });
  repository.checkout("root-again", { create: true });
  repository.commit("Second root", { "other-root": lines(3) }, { parents: [] });
  repository.checkout("main");
  repository.merge("root-again", { "other-root": lines(3) });
  repository.checkout("emptied", { create: true });
  const all = repository.gitBytes(["ls-tree", "-r", "-z", "--name-only", "HEAD"]);
  const names = all.toString("latin1").split("\0").slice(0, -1);
  repository.commit(
    "Empty tree",
    names.map((name) => [latin1(name), null]),
  );
  repository.checkout("main");
}

function addRefs(repository: TestRepository): void {
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
}
