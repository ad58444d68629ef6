import { createColors } from "picocolors";
import type { PreviewView } from "../stage.ts";

/**
 * How a preview is to look.
 *
 * @param look `isJson` lines of JSON, default false; `columns` of the terminal, default 100; `hasColor`,
 *   default false.
 */
export const previewView = ({
  isJson = false,
  columns = 100,
  hasColor = false,
}: {
  isJson?: boolean | undefined;
  columns?: number | undefined;
  hasColor?: boolean | undefined;
} = {}): PreviewView => ({ isJson, columns, colors: createColors(hasColor && !isJson) });
