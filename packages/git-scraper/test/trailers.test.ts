import { gitRepository } from "@repotune/test-kit/git";
import { seededRandom } from "@repotune/test-kit/random";
import { expect, test } from "vitest";
import { coAuthors, parseTrailers } from "../src/identity/trailers.ts";

/** What git says of each message's trailers, all by one process. */
function trailersByGit(messages: readonly string[]): string[] {
  const repository = gitRepository();
  const commits = messages.map((message) => {
    const bytes = Buffer.byteLength(message);
    return `commit refs/heads/main\ncommitter A <a@b.c> 1735689600 +0000\ndata ${bytes}\n${message}\n`;
  });
  repository.gitBytes(["fast-import", "--quiet"], commits.join(""));
  const format = "--format=tformat:%(trailers:only=true,unfold=true)%x01";
  const log = repository.gitBytes(["log", "--reverse", format]).toString("utf8");
  const answers = log.split("\x01\n");
  expect(answers.pop()).toBe("");
  expect(answers).toHaveLength(messages.length);
  return answers;
}

const printed = (message: string) =>
  parseTrailers(message)
    .map(({ key, value }) => `${key}: ${value}\n`)
    .join("");

const scissors = "# ------------------------ >8 ------------------------";

const messages = {
  "one trailer": "Title\n\nBody\n\nSigned-off-by: Ada <ada@example.org>\n",
  "no line feed at the end": "Title\n\nKey: value",
  "several, in any spelling": "T\n\nReviewed-BY : A\nx-1\t:b\n-:\nKey:\n",
  "the title is none": "Fix: the parser\n",
  "nor is any line of the first paragraph": "Title\nKey: value\n",
  "nor after blank lines and comments": "\n \t\n# Comment\nFix: this\nKey: value\n\n",
  "a comment does not end the title": "Title\n#\nKey: value\n",
  "only the last paragraph": "T\n\nKey: one\n\nKey: two\n",
  "text makes it prose": "T\n\nSee also\nKey: value\n",
  "a quarter, with one of git's": "T\n\na\nb\nc\nSigned-off-by: A <a@b>\n",
  "less than a quarter": "T\n\na\nb\nc\nd\nSigned-off-by: A <a@b>\n",
  "git's own is known by case and space": "T\n\na\nsigned-off-by: A <a@b>\n",
  "cherry-picked": "T\n\nBody text\n(cherry picked from commit 0123456)\nKey: value\n",
  "cherry-picked alone": "T\n\n(cherry picked from commit 0123456)\n",
  folded: "T\n\nKey: one\n  two\n\t\t three  \nNext: x\n",
  "folded from nothing": "T\n\nKey:\n value\n",
  "a continuation of nothing": "T\n\n two\nKey: one\n",
  "a continuation below prose": "T\n\nprose\n two\nSigned-off-by: A\n b\n",
  "continuations of prose are prose": "T\n\nprose\n b\n c\n d\nSigned-off-by: A <a@b>\n",
  comments: "T\n\nKey: one\n# Comment\n two\nNext: x\n# End\n",
  "a divider is text": "T\n\nKey: value\n---\n file | 2 +-\n",
  "a divider above": "T\n\n---\n\nKey: value\n",
  "blank lines at the end": "T\n\nKey: value\n\n \t\n\n",
  "spaces are blank": "T\n \t\r\nKey: value\n",
  "carriage returns": "T\r\n\r\nKey: value\r\n two\r\nNext: a\rb\r\n",
  "other spaces are not": "T\n\nKey\u00a0: value\nNext: \u00a0x\u2003\v\f\n",
  "a key has no other letters": "T\n\nKey_1: value\nSigned-off-by: A\nÄ: x\nTwo words: x\n",
  "values hold anything": "T\n\nKey: a: b <c> # d ü 李 \u{1f600}\u2028\n",
  "conflicts, as git once listed them": "T\n\nKey: value\n\nConflicts:\n\ta.rs\n\tb.rs\n",
  "conflicts between": "T\n\nConflicts:\n\ta.rs\n\nKey: value\n",
  "conflicts in the title": "Conflicts:\n \nKey: value\n# x\n\tfile\n",
  scissors: `T\n\nKey: value\n${scissors}\nNext: x\n`,
  "scissors at the start": `${scissors}\n\nKey: value\n`,
  "scissors without an end": `T\n\nKey: value\n\nNext: x\n${scissors}`,
  "nothing but comments": "# a\n# b\n\nKey: value\n",
  "nothing after NUL": "T\n\nKey: value\0\n\nNext: x\n",
  "nothing at all": "",
  blank: "\n\n \n",
};

test("trailers are what git says they are", () => {
  const answers = trailersByGit(Object.values(messages));
  for (const [index, [what, message]] of Object.entries(messages).entries()) {
    expect(printed(message), what).toBe(answers[index]);
  }
  // The table would prove little if git found nothing in it.
  expect(answers.filter((answer) => answer !== "").length).toBeGreaterThan(15);
});

test("trailers of random messages are what git says they are", () => {
  const random = seededRandom(4);
  const pick = <T>(choices: readonly T[]) => choices[random.below(choices.length)] as T;
  const lines = [
    ...["", "", "", " ", "\t", "\r", "text", "some more text", "a: b", "Key: value", "Key : x"],
    ...[
      "Signed-off-by: A <a@b.c>",
      "Signed-off-by:",
      "(cherry picked from commit 12)",
      "# no",
      "#",
    ],
    ...[" folded", "\tpath", "Conflicts:", scissors, "---", "-: x", ":x", "K_: v", "Ü: v", "Key:"],
  ];
  const characters = ["\n", "\n", ":", " ", "\t", "\r", "#", "-", "a", "Z", "0", "ü", "<", "\v"];
  const message = () => {
    const count = random.below(14);
    return Array.from({ length: count }, () => {
      if (random.below(12) > 0) return pick(lines);
      return Array.from({ length: random.below(8) }, () => pick(characters)).join("");
    }).join("\n");
  };
  const messages = Array.from({ length: 20_000 }, () => `${message()}${pick(["", "\n"])}`);
  const answers = trailersByGit(messages);
  const differing = messages.filter((message, index) => printed(message) !== answers[index]);
  expect(differing).toEqual([]);
  expect(answers.filter((answer) => answer !== "").length).toBeGreaterThan(2000);
});

test("a message of many spaces or lines takes no longer than it must", () => {
  const long = `T\n\nKey:${" ".repeat(300_000)}x\n${" \n".repeat(300_000)}${"a".repeat(300_000)}`;
  const start = performance.now();
  expect(parseTrailers(long)).toEqual([]);
  expect(parseTrailers(`T\n\n${"Key: value\n".repeat(100_000)}`)).toHaveLength(100_000);
  const folded = parseTrailers(`T\n\nKey:${"\n \tx".repeat(100_000)}`);
  expect(folded[0]?.value).toBe("x ".repeat(100_000).trimEnd());
  expect(performance.now() - start).toBeLessThan(5000);
});

test("co-authors are each named once, however their trailer is spelled", () => {
  const trailers = parseTrailers(
    [
      "Work together\n",
      "Co-authored-by: Ada Lovelace <ada@example.org>",
      "co-authored-by: Grace Hopper<grace@example.org>",
      "Co-Authored-By: Ada L. <ADA@example.org>",
      "Co-authored-by: Nobody in particular",
      "Co-authored-by: <only@example.org>",
      "Co-authored-by: Name Only <>",
      "Co-authored-by: <>",
      "Signed-off-by: Someone Else <else@example.org>",
      "Co-authored-by: Two <two@example.org>, Three <three@example.org>",
    ].join("\n"),
  );
  expect(coAuthors(trailers)).toEqual([
    { name: "Ada Lovelace", email: "ada@example.org" },
    { name: "Grace Hopper", email: "grace@example.org" },
    { name: "", email: "only@example.org" },
    { name: "Name Only", email: "" },
    { name: "Two", email: "two@example.org" },
  ]);
});
