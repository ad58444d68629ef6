import type { Range, RepositoryAnalysis } from "./analysis.ts";

/** An analysis as a table for a person, each line closed by a line feed. */
export function formatAnalysis(analysis: RepositoryAnalysis): string {
  const { date_range, object_store, estimate } = analysis;
  const cut = [
    ...(analysis.is_shallow ? ["shallow: history is cut off"] : []),
    ...(analysis.is_partial ? ["partial: objects were left out when it was cloned"] : []),
    ...(analysis.missing_commits > 0 ? [`${count(analysis.missing_commits)} commits missing`] : []),
  ];
  const rows: [string, string][] = [
    ["repository", `${analysis.repository} (${analysis.object_format})`],
    ["HEAD", analysis.default_branch ?? "detached"],
    ["refs", `${refsText(analysis)}, selected by ${analysis.refs_scope}`],
    ["commits", `${count(analysis.commits)}, of which ${count(analysis.merges)} merges`],
    ["authors", count(analysis.authors)],
    ["span", `${day(date_range.first)} to ${day(date_range.last)}`],
    ["objects", storeText(object_store)],
    ["complete", cut.length === 0 ? "yes" : `no: ${cut.join("; ")}`],
  ];
  if (estimate === null) {
    rows.push(["estimate", "none: no sampled commit could be read"]);
  } else {
    const { sampled_commits, unreadable_commits } = estimate;
    const unread = unreadable_commits > 0 ? `, ${count(unreadable_commits)} unreadable` : "";
    rows.push(
      ["output", rangeText(estimate.output_bytes, size)],
      ["time", rangeText(estimate.seconds, duration)],
      ["sample", `${count(sampled_commits)} commits diffed${unread}`],
    );
  }
  return rows.map(([name, text]) => `${name.padEnd(12)}${visible(text)}\n`).join("");
}

function refsText({ refs }: RepositoryAnalysis): string {
  const { branches, remote_branches, tags, others } = refs;
  const kinds = { branches, "remote branches": remote_branches, tags, others };
  const found = Object.entries(kinds).filter(([, number]) => number > 0);
  return found.map(([kind, number]) => `${count(number)} ${kind}`).join(", ") || "HEAD alone";
}

function storeText({ packs, pack_bytes, loose_objects }: RepositoryAnalysis["object_store"]) {
  const loose = loose_objects > 0 ? `, ${count(loose_objects)} loose` : "";
  return `${size(pack_bytes)} in ${count(packs)} ${packs === 1 ? "pack" : "packs"}${loose}`;
}

const rangeText = ({ low, expected, high }: Range, text: (value: number) => string) =>
  `about ${text(expected)} (${text(low)} to ${text(high)})`;

const count = (value: number) => value.toLocaleString("en-US");

const day = (date: string | null) => (date === null ? "?" : date.replace(/T.*/, ""));

function size(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  const unit = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${(bytes / 1000 ** unit).toPrecision(3).replace(/e\+.*/, "")} ${units[unit]}`;
}

function duration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Names of branches and folders may hold control characters, which a terminal would obey. */
const visible = (text: string) =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this is about.
  text.replace(/[\0-\x1f\x7f-\x9f]/g, "\ufffd");
