import type { MemoryPlan } from "@repotune/schema";
import type { Configuration } from "./dry-plan.ts";

const MIB = 2 ** 20;

/** What the parts of a plan are called, in the order of the table. */
const NAMES: Readonly<Record<keyof MemoryPlan["parts"], string>> = {
  weights: "weights",
  transposed: "transposed weights",
  parameters: "trained weights, gradients, moments",
  layer_inputs: "layer inputs",
  batch: "batch",
  results: "intermediate results",
  check: "check of what is written",
  work: "working memory",
  program: "program",
};

/** `1,234 MiB` */
export const mebibytes = (bytes: number): string =>
  `${Math.ceil(bytes / MIB).toLocaleString("en-US")} MiB`;

const KEPT: Readonly<Record<MemoryPlan["kept"], string>> = {
  results: "results",
  inputs: "layer inputs",
  inputs_on_host: "on the host",
};

const PARTS = Object.entries(NAMES) as [keyof MemoryPlan["parts"], string][];

/** `weights 4,003 MiB, batch 1 MiB` */
export const partsText = ({ parts }: MemoryPlan): string =>
  PARTS.filter(([part]) => parts[part] > 0)
    .map(([part, name]) => `${name} ${mebibytes(parts[part])}`)
    .join(", ");

/** A plan in one line. */
export function planLine(plan: MemoryPlan): string {
  const { micro_batch_size: B, sequence_length: T } = plan;
  const sequences = `${B.toLocaleString("en-US")} sequence${B === 1 ? "" : "s"}`;
  const kept = [
    ...(plan.weight_layout === "fast" ? ["transposed weights"] : []),
    ...(plan.kept === "results" ? ["intermediate results"] : []),
    ...(plan.kept === "inputs_on_host" ? ["layer inputs in the host's memory"] : []),
  ];
  return `Memory: ${mebibytes(plan.total_bytes)} of ${mebibytes(plan.free_bytes)} free on ${plan.device}, with ${sequences} of ${T.toLocaleString("en-US")} tokens at a time${kept.length > 0 ? ` and ${kept.join(" and ")} kept` : ""}.`;
}

/** Says that a training cannot go on just as it began; `undefined` if it can. */
export function changedPlan(plan: MemoryPlan, earlier: Configuration | undefined) {
  const names = ["micro_batch_size", "weight_layout", "kept"] as const;
  if (!earlier || names.every((name) => plan[name] === earlier[name])) return undefined;
  return "Less memory is free than when this training began: it goes on in smaller pieces, and sums are no longer the same to the last bit.";
}

/** Plans side by side, a row for each part, in MiB. */
export function planTable(plans: readonly MemoryPlan[]): string {
  const row = (name: string, cell: (plan: MemoryPlan) => string) => [name, ...plans.map(cell)];
  const number = (value: number) => value.toLocaleString("en-US");
  const bytes = (name: string, of: (plan: MemoryPlan) => number) =>
    plans.some((plan) => of(plan) > 0)
      ? [row(name, (plan) => number(Math.ceil(of(plan) / MIB)))]
      : [];
  const rows = [
    row("tokens in a sequence", (plan) => number(plan.sequence_length)),
    row("sequences at a time", (plan) => number(plan.micro_batch_size)),
    row("kept for the backward pass", ({ kept }) => KEPT[kept]),
    ...PARTS.flatMap(([part, name]) => bytes(name, ({ parts }) => parts[part])),
    ...bytes("total", ({ total_bytes }) => total_bytes),
    ...bytes(`free on ${plans[0]?.device}`, ({ free_bytes }) => free_bytes),
    ...bytes("in the host's memory", ({ host_bytes }) => host_bytes),
  ];
  const widths = [...plans.keys(), plans.length].map((column) =>
    Math.max(...rows.map((cells) => (cells[column] as string).length)),
  );
  const lines = rows.map(([name = "", ...cells]) =>
    [
      name.padEnd(widths[0] as number),
      ...cells.map((cell, i) => cell.padStart(widths[i + 1] as number)),
    ].join("  "),
  );
  return ["Memory in MiB", ...lines.map((line) => `  ${line}`)].join("\n");
}
