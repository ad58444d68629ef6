import type { TestRepository } from "../git.ts";
import { latin1 } from "./text.ts";

export function addMessages(repository: TestRepository): void {
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
    "CRLF\r\nin the subject\r\n\r\nand the body\r\n",
    "Lone CR\rin the subject\n\nand\rthe body\n",
    "NUL\0in the subject\n\nand a body\n",
    "NUL\n\nin the\0body\n",
    "Trailers\n\nBody.\n\nCo-authored-by: Grace Hopper <grace@example.org>\nSigned-off-by: Ada\n folded line\nFixes: #7\n",
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
  repository.commit(
    Buffer.from([0x93, 0xfa, 0x96, 0x7b, 0x8c, 0xea, 0x0a]), // 日本語
    {},
    { headers: "encoding Shift_JIS\n" },
  );
  repository.commit(latin1("C1 control \x85 and \xa0\n"), {}, { headers: "encoding latin-1\n" });
  repository.commit("Encoding twice", {}, { headers: "encoding UTF-8\nencoding ISO-8859-1\n" });
}
