import type { TestRepository } from "../git.ts";

export function addIdentitiesAndDates(repository: TestRepository): void {
  const dates = [
    "0 +0000",
    "1735689600 +0530",
    "1735689600 -0330",
    "1735689600 -0000",
    "1735689600 +1400",
    "99999999999 +0000",
    "253402300799 +0000",
    "253402300800 +0100",
    "1735689600 +9999",
    "1735689600 -9999",
    "1735689600 +051800",
    "1735689600 +5",
    "1735689600",
    "-1 +0000",
    "-2208988800 +0000",
    "18446744073709551615 +0000",
    "99999999999999999999999 +0000",
    "9223372036854775807 +0000",
    "1735689600.5 +0000",
    "yesterday +0000",
    "",
  ];
  for (const date of dates) repository.commit(`Date ${date}`, {}, { date });
  repository.commit("Back in the present");
  for (const author of [
    " <>",
    "<>",
    "nobody",
    "No address",
    "Spaces   <  spaces@example.org  >",
    "  Leading and trailing.  <dot@example.org>",
    "Two <one@example.org> <two@example.org>",
    "Unclosed <open@example.org",
    "Tab\there <tab@example.org>",
    "Comma, Inc. <comma@example.org>",
    "x".repeat(5000),
    "A < b <c@d>",
    'Q "x" <q@example.org>',
    "Ünï <ü@example.org>",
  ]) {
    repository.commit(`Author ${author}`, {}, { author, committer: "C <c@example.org>" });
  }
  const bytes = Buffer.from("Andr\xe9 <andr\xe9@example.org>", "latin1");
  repository.commit("Author not UTF-8", {}, { author: bytes });
  const equal = "1740000000 +0000";
  for (let index = 0; index < 6; index += 1) {
    repository.commit(`Equal date ${index}`, { equal: `${index}\n` }, { date: equal });
  }
  repository.commit("Older than its parent", {}, { date: "1600000000 +0000" });
  repository.commit("Committed before it was written", {}, { committerDate: "1500000000 +0000" });
  addUnusualHeaders(repository);
  repository.commit("Back in the present again");
}

/** Commits whose author or committer is there twice, or not at all. */
function addUnusualHeaders(repository: TestRepository): void {
  const person = (role: string, name: string) =>
    `${role} ${name} <${name}@example.org> 1741000000 +0000\n`;
  for (const [title, ...people] of [
    [
      "Twice",
      person("author", "a"),
      person("author", "b"),
      person("committer", "c"),
      person("committer", "d"),
    ],
    ["No author", person("committer", "c")],
    ["No committer", person("author", "a")],
    ["Nobody"],
  ]) {
    const [tree, parent] = ["HEAD^{tree}", "HEAD"].map((name) => repository.git("rev-parse", name));
    repository.commitObject(`tree ${tree}\nparent ${parent}\n${people.join("")}\n${title}\n`);
  }
}
