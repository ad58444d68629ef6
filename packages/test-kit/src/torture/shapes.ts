import type { TestRepository } from "../git.ts";
import { latin1, lines } from "./text.ts";

export function addShapes(repository: TestRepository): void {
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
  addOddMerges(repository);
  repository.checkout("emptied", { create: true });
  const all = repository.gitBytes(["ls-tree", "-r", "-z", "--name-only", "HEAD"]);
  const names = all.toString("latin1").split("\0").slice(0, -1);
  repository.commit(
    "Empty tree",
    names.map((name) => [latin1(name), null]),
  );
  repository.checkout("main");
}

function addOddMerges(repository: TestRepository): void {
  const main = repository.git("rev-parse", "HEAD");
  repository.commit("The same parent twice", { twice: "2\n" }, { parents: [main, main] });
  repository.git("update-ref", "refs/heads/signed", main);
  repository.checkout("signed");
  const date = "1745000000 +0000";
  const side = repository.commit("To be merged by a tag", { side: lines(3) }, { date });
  repository.checkout("main");
  const parents = [repository.git("rev-parse", "HEAD"), side];
  const mergetag = [
    `mergetag object ${side}`,
    ...[" type commit", " tag v0", " tagger Ada Lovelace <ada@example.org> 1745000000 +0000"],
    ...[" ", " encoding nonsense", " author fake <fake> 1 +0000"],
    ...[" -----BEGIN PGP SIGNATURE-----", " ", " -----END PGP SIGNATURE-----", ""],
  ].join("\n");
  const files = { side: lines(3) };
  repository.commit("Merge tag 'v0'", files, { parents, headers: mergetag, date });
  // Tips of one second each, so that only the order of refs decides.
  for (const name of ["equal-b", "equal-a", "equal-c"]) {
    repository.git("update-ref", `refs/heads/${name}`, main);
    repository.checkout(name);
    repository.commit(`Tip ${name}`, { [name]: "\n" }, { date });
  }
  repository.checkout("main");
}
