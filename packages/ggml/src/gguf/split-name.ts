/** Metadata keys of a part: its number from 0, the number of parts, and of tensors in all of them. */
export const SPLIT_NUMBER_KEY = "split.no";
export const SPLIT_COUNT_KEY = "split.count";
export const SPLIT_TENSORS_KEY = "split.tensors.count";
export const SPLIT_KEYS: readonly string[] = [SPLIT_NUMBER_KEY, SPLIT_COUNT_KEY, SPLIT_TENSORS_KEY];

/** Where a part stands among the others, by its name. */
export interface SplitName {
  /** Path up to the numbers. */
  prefix: string;
  /** From 0. */
  number: number;
  count: number;
}

/** Reads a part's name as `llama_split_prefix` of llama.h does: `PREFIX-00001-of-00003.gguf`. */
export function parseSplitName(path: string): SplitName | undefined {
  const [, prefix, number, count] = /^(.*)-(\d{5,})-of-(\d{5,})\.gguf$/s.exec(path) ?? [];
  if (prefix === undefined) return undefined;
  return { prefix, number: Number(number) - 1, count: Number(count) };
}

/** The inverse of {@link parseSplitName}. */
export function splitName({ prefix, number, count }: SplitName): string {
  const digits = (value: number) => String(value).padStart(5, "0");
  return `${prefix}-${digits(number + 1)}-of-${digits(count)}.gguf`;
}

/** Paths of all files of a model, by the name of one: the file itself, or the parts of a split model. */
export function modelPaths(path: string): string[] {
  const name = parseSplitName(path);
  if (!name) return [path];
  return Array.from({ length: name.count }, (_, number) => splitName({ ...name, number }));
}
