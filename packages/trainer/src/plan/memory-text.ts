import type { MemoryPlan } from "@repotune/schema";

const MIB = 2 ** 20;

/** What the parts of a plan are called, in the order of the table. */
const NAMES: Readonly<Record<keyof MemoryPlan["parts"], string>> = {
  weights: "weights",
  transposed: "transposed weights",
  parameters: "trained weights, gradients, moments",
  layer_inputs: "layer inputs",
  batch: "batch",
  results: "intermediate results",
  work: "working memory",
  program: "program",
};

/** `1,234 MiB` */
export const mebibytes = (bytes: number): string =>
  `${Math.ceil(bytes / MIB).toLocaleString("en-US")} MiB`;

const usedParts = ({ parts }: MemoryPlan) =>
  (Object.entries(NAMES) as [keyof MemoryPlan["parts"], string][])
    .map(([part, name]) => ({ name, bytes: parts[part] }))
    .filter(({ bytes }) => bytes > 0);

/** `weights 4,003 MiB, batch 1 MiB` */
export const partsText = (plan: MemoryPlan): string =>
  usedParts(plan)
    .map(({ name, bytes }) => `${name} ${mebibytes(bytes)}`)
    .join(", ");

/** A plan in one line. */
export const planLine = (plan: MemoryPlan): string =>
  `Memory: ${mebibytes(plan.total_bytes)} of ${mebibytes(plan.free_bytes)} free on ${plan.device}; ${configurationText(plan)}.`;

/** A plan as a table, one part a line. */
export function planTable(plan: MemoryPlan): string {
  const rows = [
    ...usedParts(plan).map(({ name, bytes }) => [name, mebibytes(bytes)]),
    ["total", mebibytes(plan.total_bytes)],
    [`free on ${plan.device}`, mebibytes(plan.free_bytes)],
    ...(plan.host_bytes > 0
      ? [["beside it, token embedding on the host", mebibytes(plan.host_bytes)]]
      : []),
  ] as [string, string][];
  const width = (column: 0 | 1) => Math.max(...rows.map((row) => row[column].length));
  const lines = rows.map(
    ([name, amount]) => `  ${name.padEnd(width(0))}  ${amount.padStart(width(1))}`,
  );
  return [`Memory for ${configurationText(plan)}:`, ...lines].join("\n");
}

/** How memory is used, in words. */
function configurationText(plan: MemoryPlan): string {
  const { micro_batch_size: B, sequence_length: T } = plan;
  const sequences = `${B.toLocaleString("en-US")} sequence${B === 1 ? "" : "s"}`;
  const kept = [
    ...(plan.weight_layout === "fast" ? ["transposed weights"] : []),
    ...(plan.keeps_results ? ["intermediate results"] : []),
  ];
  return `${sequences} of ${T.toLocaleString("en-US")} tokens at a time${kept.length > 0 ? `, ${kept.join(" and ")} kept` : ""}`;
}
