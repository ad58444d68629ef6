/**
 * Prints how far the chunker that was built agrees with the labels: `node evaluate.mjs`, with names
 * of repositories to look at these alone, and `--wrong` to list every disagreement.
 */
import { chunkCommits } from "../dist/index.js";
import { compareWithLabels, summarize } from "./score.mjs";

const args = process.argv.slice(2);
const names = args.filter((name) => !name.startsWith("--"));
const percent = (value) => `${(100 * value).toFixed(1)} %`;

const all = await compareWithLabels(chunkCommits, import.meta.dirname);
const comparisons = all.filter(
  ({ repository }) => names.length === 0 || names.includes(repository),
);
for (const repository of new Set(comparisons.map((comparison) => comparison.repository))) {
  print(repository, summarize(comparisons.filter((one) => one.repository === repository)));
}
const total = summarize(comparisons);
print("all", total);
for (const { type, count, f1 } of total.classes) {
  const said = [...(total.confusion.get(type) ?? [])].sort((a, b) => b[1] - a[1]);
  const cells = said.map(([other, number]) => `${other} ${number}`).join(", ");
  console.log(`${type.padEnd(18)} ${String(count).padStart(4)}  F1 ${f1.toFixed(3)}  ${cells}`);
}
if (args.includes("--wrong")) for (const comparison of comparisons) printWrong(comparison);

function print(title, { labels, accuracy, falseRenames }) {
  const { exact, ...fields } = accuracy;
  const shares = Object.entries(fields)
    .filter(([, share]) => !Number.isNaN(share)) // Not every repository has all fields labelled.
    .map(([field, share]) => `${field} ${percent(share)}`);
  const strict = `(${percent(exact)} without alternatives)`;
  const renames = `false renames ${percent(falseRenames)}`;
  console.log(`${title}: ${labels} labels, ${shares.join(", ")} ${strict}, ${renames}`);
}

function printWrong({ label, chunk, isRight }) {
  const wrong = ["op", "name", "module_path", "kind", "change_type"].filter(
    (field) => !isRight[field],
  );
  if (wrong.length === 0) return;
  const { commit, file, line, side } = label;
  console.log(
    `\n${commit.slice(0, 10)} ${file}:${line} ${side} ${label.name ?? label.section ?? ""}`,
  );
  if (!chunk) console.log("  no chunk");
  for (const field of chunk ? wrong : []) {
    const said = field === "name" ? (chunk.qualified_name ?? chunk.section) : chunk[field];
    console.log(`  ${field}: ${label[field]}, chunk says ${said}`);
  }
}
