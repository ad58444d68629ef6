import { StageError } from "@repotune/schema";
import { anyOf, escapeText, globSource } from "./glob.ts";
import { listItems } from "./list.ts";

/** Which files of a commit are kept. */
export interface PathFilterOptions {
  /**
   * Comma-separated patterns as in a `.gitignore`, of which a file must match one; none that begins
   * with `!`, in whatever order.
   */
  paths?: string | undefined;
  /** Comma-separated extensions, with or without a dot, whatever the case. */
  extensions?: string | undefined;
}

/**
 * A test for the files of a commit by their names, which may be any bytes.
 *
 * A pattern is that of gitignore(5): with a slash at its start or inside, it starts at the root;
 * without, it matches in every folder; a folder means all below it. `*` stays within a folder, `**`
 * does not. Patterns count as UTF-8, and match bytes.
 *
 * @returns undefined if every file is kept. A renamed file is kept if either name is.
 * @throws {StageError} `E_USAGE` for a pattern or an extension that cannot be used.
 */
export function compilePathFilter({
  paths,
  extensions,
}: PathFilterOptions): ((path: Buffer, oldPath: Buffer | undefined) => boolean) | undefined {
  const patterns = pathPatterns(paths);
  const wanted = anyOf(patterns.filter((item) => !item.startsWith("!")).map(pathSource));
  const unwanted = anyOf(
    patterns.filter((item) => item.startsWith("!")).map((item) => pathSource(item.slice(1))),
  );
  const endings = anyOf(extensionNames(extensions).map(extensionSource));
  if (!wanted && !unwanted && !endings) return undefined;
  const isKept = (path: Buffer): boolean => {
    const name = path.toString("latin1");
    if (wanted && !wanted(name)) return false;
    if (endings && !endings(name)) return false;
    return !unwanted?.(name);
  };
  return (path, oldPath) => isKept(path) || (oldPath !== undefined && isKept(oldPath));
}

/** The patterns of a list. `./` says as much as `/`. */
export const pathPatterns = (list: string | undefined): string[] =>
  listItems(list ?? "").map((item) => item.replace(/^(!?)\.\//, "$1/"));

/**
 * The extensions of a list, without dots, in lower case.
 *
 * @throws {StageError} `E_USAGE` for what cannot be one.
 */
export function extensionNames(list: string | undefined): string[] {
  return listItems(list ?? "").map((item) => {
    const name = item.replace(/^\*?\./, "").toLowerCase();
    if (name !== "" && !/[/*?[\]\\]/.test(name)) return name;
    throw new StageError("E_USAGE", `--extensions "${item}" is no file extension.`, {
      hint: "Give names such as rs,toml; patterns go to --paths.",
    });
  });
}

function pathSource(pattern: string): string {
  const isFolder = pattern.endsWith("/");
  const body = pattern.replace(/\/$/, "");
  const fromRoot = body.replace(/^\//, "");
  if (fromRoot === "") {
    throw new StageError("E_USAGE", `--paths "${pattern}" names no file.`, {
      hint: "Give a file, a folder or a pattern, such as src/**, docs or *.rs.",
    });
  }
  const folders = body.includes("/") ? "" : "(?:[^/]*/)*?";
  return `${folders}${globSource(fromRoot, { isPath: true })}${isFolder ? "/.*" : "(?:/.*)?"}`;
}

/** ASCII letters match in either case. Other bytes have none. */
const extensionSource = (name: string): string => {
  const bytes = Buffer.from(name).toString("latin1");
  return `.*\\.${escapeText(bytes).replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`)}`;
};
