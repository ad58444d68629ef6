import type { Chunk, Commit } from "@repotune/schema";
import { chunk, commit } from "@repotune/test-kit/records";
import {
  headerOf,
  type RenderedDocument,
  type RenderOptions,
  renderHistory,
  type TokenEncoder,
} from "../src/index.ts";

const task =
  "change `ledger::store::get`, its test; remove `ledger::old`; add `Cargo.toml [features]`";

/** A commit that changes three files, and its chunks. */
export function smallCommit(): { commit: Commit; chunks: Chunk[] } {
  const files = ["src/store.rs", "src/old.rs", "Cargo.toml"];
  const of = commit(0, { message: "Log reads of blocks", files });
  const [, old] = of.diffs;
  if (old) old.change_type = "D";
  const units: Partial<Chunk>[] = [
    {
      file_path: "src/store.rs",
      module_path: "ledger::store",
      change_type: "modified_function",
      old_code: "fn get(key: Key) -> u64 {\n    read(key)\n}\n",
      new_code: 'fn get(key: Key) -> u64 {\n    info!("{key:?}");\n    read(key)\n}\n',
      patch:
        '@@ -7,3 +7,4 @@ mod store\n fn get(key: Key) -> u64 {\n+    info!("{key:?}");\n     read(key)\n }\n',
    },
    {
      file_path: "src/store.rs",
      module_path: "ledger::store::tests",
      change_type: "new_test",
      new_code: "#[test]\nfn reads_are_logged() {\n    assert_eq!(get(1), 2);\n}\n",
      patch:
        "@@ -20,0 +22,4 @@\n+#[test]\n+fn reads_are_logged() {\n+    assert_eq!(get(1), 2);\n+}\n",
    },
    {
      file_path: "src/old.rs",
      module_path: "ledger::old",
      change_type: "deletion",
      change_category: "D",
      old_code: "pub const OLD: u8 = 1;\n",
      new_code: null,
      patch: "@@ -1 +0,0 @@\n-pub const OLD: u8 = 1;\n",
    },
    {
      file_path: "Cargo.toml",
      module_path: null,
      section: "features",
      change_type: "configuration",
      new_code: "[features]\nlog = []",
      patch: "@@ -9,0 +10,2 @@\n+[features]\n+log = []\n\\ No newline at end of file\n",
    },
  ];
  const chunks = units.map((fields, i) => {
    const made = chunk(of, i, fields);
    return { ...made, commit_metadata: { ...made.commit_metadata, task } };
  });
  return { commit: of, chunks };
}

/** The documents of a commit. */
export async function documentsOf(
  { commit: of, chunks }: { commit: Commit; chunks: Chunk[] },
  options: RenderOptions = {},
): Promise<RenderedDocument[]> {
  const documents: RenderedDocument[] = [];
  const headers = streamOf([headerOf(of, "hash", of.metadata.hash)]);
  for await (const document of renderHistory(headers, streamOf(chunks), options)) {
    documents.push(document);
  }
  return documents;
}

async function* streamOf<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

/** Ids as text; what stands for none by the token's name. */
export const readIds = ({ tokenBytes, tokens }: TokenEncoder, ids: Iterable<number>): string =>
  Buffer.concat(
    Array.from(ids, (id) => {
      const bytes = tokenBytes[id];
      return bytes?.length ? bytes : Buffer.from(tokens[id] ?? "");
    }),
  ).toString();
