import type { TestRepository } from "../git.ts";
import { latin1, lines } from "./text.ts";

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

export function addPathsAndContents(repository: TestRepository): void {
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
    "utf16-without-nul": Buffer.from("\ufeff\u0f0a\u0a0f\u4e2d\u6587", "utf16le"),
    "lfs-pointer": `version https://git-lfs.github.com/spec/v1\noid sha256:${"4d".repeat(32)}\nsize 12345\n`,
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
    ".gitattributes": "*.txt -diff\n*.rs diff=rust\n* text=auto\n*.bin filter=lfs diff=lfs -text\n",
  });
  repository.commit("Change under attributes", {
    "plain.txt": lines(3),
    "folder/deep/er/file.rs": "",
  });
}
