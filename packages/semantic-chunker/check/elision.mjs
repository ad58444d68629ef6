/**
 * Checks that chunks are the same, byte for byte, whether syntax trees are reused or each text is
 * parsed as a whole: cuts a history both ways, side by side.
 *
 *     node check/elision.mjs REPOSITORY commits.jsonl
 */
import { ObjectReader, openRepository } from "@repotune/git";
import { readCommits } from "@repotune/schema";
import { chunkCommits } from "@repotune/semantic-chunker";

const [path, commits] = process.argv.slice(2);
if (!commits) throw new Error("usage: node check/elision.mjs REPOSITORY commits.jsonl");

const repository = await openRepository(path);
const readers = [ObjectReader.open(repository), ObjectReader.open(repository)];
try {
  const [reused, whole] = readers.map((objects, index) =>
    chunkCommits(readCommits(commits), {}, { objects, ...(index === 1 && { cacheBytes: 0 }) }),
  );
  let count = 0;
  for await (const chunk of reused) {
    const { value } = await whole.next();
    if (JSON.stringify(chunk) !== JSON.stringify(value)) {
      console.error("Differs:\n", chunk, "\n", value);
      process.exitCode = 1;
      break;
    }
    count += 1;
  }
  if (!process.exitCode && !(await whole.next()).done) process.exitCode = 1;
  console.log(`${count} chunks ${process.exitCode ? "until they differ" : "are the same"}`);
} finally {
  await Promise.all(readers.map((reader) => reader.close()));
  await repository.close();
}
