import { diffAware } from "./diff-aware.ts";
import { flat } from "./flat.ts";
import { hierarchical } from "./hierarchical.ts";
import type { Rendering } from "./rendering.ts";
import { semantic } from "./semantic.ts";

/** Every rendering, by the name it is chosen by. */
export const RENDERINGS = {
  semantic,
  hierarchical,
  "diff-aware": diffAware,
  flat,
} as const satisfies Record<string, Rendering>;

/** Name of a rendering. */
export type RenderingName = keyof typeof RENDERINGS;

/** Whether a text names a rendering. */
export const isRenderingName = (name: unknown): name is RenderingName =>
  typeof name === "string" && Object.hasOwn(RENDERINGS, name);
