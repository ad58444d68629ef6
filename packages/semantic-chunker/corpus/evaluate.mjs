/**
 * Prints how far the chunker that was built agrees with the labels, as two tables in Markdown: by
 * repository, and by change type with what it was called instead. `node evaluate.mjs`, with names of
 * repositories to look at these alone, and `--wrong` to list every disagreement.
 */
import { chunkCommits } from "../dist/index.js";
import { compareWithLabels, summarize } from "./score.mjs";

const args = process.argv.slice(2);
const names = args.filter((name) => !name.startsWith("--"));

const all = await compareWithLabels(chunkCommits, import.meta.dirname);
const comparisons = all.filter(
  ({ repository }) => names.length === 0 || names.includes(repository),
);
const total = summarize(comparisons);
const repositories = [...new Set(comparisons.map(({ repository }) => repository))].map((name) => [
  name,
  summarize(comparisons.filter(({ repository }) => repository === name)),
]);
printTable(
  [
    "repository",
    "labels",
    "op",
    "name",
    "module path",
    "kind",
    "change type",
    "strictly",
    "false renames",
  ],
  [...repositories, ["all", total]].map(([name, { labels, accuracy, falseRenames }]) => [
    name,
    labels,
    ...["op", "name", "module_path", "kind", "change_type", "exact"].map((field) =>
      percent(accuracy[field]),
    ),
    percent(falseRenames),
  ]),
);
console.log();
printTable(
  ["labelled", "count", "F1", "called otherwise"],
  total.classes.map(({ type, count, f1 }) => {
    const said = [...(total.confusion.get(type) ?? [])].filter(([other]) => other !== type);
    const cells = said
      .sort((a, b) => b[1] - a[1])
      .map(([other, number]) => `\`${other}\` ${number}`);
    return [`\`${type}\``, count, f1.toFixed(3), cells.join(", ")];
  }),
);
if (args.includes("--wrong")) for (const comparison of comparisons) printWrong(comparison);

/** A share; nothing for a field that was not labelled in a repository. */
function percent(value) {
  return Number.isNaN(value) ? "" : `${(100 * value).toFixed(1)} %`;
}

/** A table in Markdown, numbers on the right. */
function printTable(head, rows) {
  const isNumber = head.map((_, column) => rows.every((row) => /^[\d.]*( %)?$/.test(row[column])));
  const widths = head.map((title, column) =>
    Math.max(...[title, ...rows.map((row) => String(row[column]))].map((text) => text.length)),
  );
  const line = (cells) => {
    const padded = cells.map((cell, column) =>
      isNumber[column]
        ? String(cell).padStart(widths[column])
        : String(cell).padEnd(widths[column]),
    );
    return `| ${padded.join(" | ")} |`;
  };
  console.log(line(head));
  const rules = widths.map((width, column) =>
    isNumber[column] ? `${"-".repeat(width - 1)}:` : "-".repeat(width),
  );
  console.log(line(rules));
  for (const row of rows) console.log(line(row));
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
