import { gitRepository, type RepositoryOptions, type TestRepository } from "@repotune/test-kit/git";

const COMMITS = 24;
const verbs = ["open", "close", "settle", "verify", "route", "store"];
const nouns = ["account", "block", "ledger", "market", "peer", "receipt"];

/**
 * A small Rust history: each commit adds a function with its test, changes an earlier one, and now
 * and then a document or the manifest.
 */
export function rustHistory(options: RepositoryOptions = {}): TestRepository {
  const repository = gitRepository(options);
  const functions = new Map<string, string[]>(nouns.map((noun) => [noun, []]));
  repository.commit("Start the crate", {
    "Cargo.toml": '[package]\nname = "harbor"\nversion = "0.1.0"\n\n[dependencies]\n',
    "src/lib.rs": nouns.map((noun) => `pub mod ${noun};\n`).join(""),
    "README.md": "# harbor\n\nA ledger.\n",
    ...Object.fromEntries(
      nouns.map((noun) => [`src/${noun}.rs`, `//! Everything on a ${noun}.\n`]),
    ),
  });
  for (let n = 1; n < COMMITS; n++) {
    const noun = nouns[n % nouns.length] as string;
    const verb = verbs[Math.floor(n / nouns.length) % verbs.length] as string;
    const name = `${verb}_${noun}`;
    const bodies = functions.get(noun) as string[];
    if (bodies.length > 0) bodies[0] = (bodies[0] as string).replace("amount + ", "amount + 1 + ");
    bodies.push(
      `/// Does ${verb} a ${noun}.\npub fn ${name}(amount: u64) -> Result<u64, Error> {\n` +
        `    if amount == 0 {\n        return Err(Error::Empty);\n    }\n    Ok(amount + ${n})\n}\n\n` +
        `#[test]\nfn ${name}_works() {\n    assert_eq!(${name}(1), Ok(${n + 1}));\n}\n`,
    );
    repository.commit(`Add ${verb} to ${noun}`, {
      [`src/${noun}.rs`]: `//! Everything on a ${noun}.\n\n${bodies.join("\n")}`,
      ...(n % 5 === 0 && { "README.md": `# harbor\n\nA ledger.\n\n## ${noun}\n\nSee ${name}.\n` }),
    });
  }
  return repository;
}
