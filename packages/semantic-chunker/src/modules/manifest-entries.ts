/** No line that matters is longer; the patterns take quadratic time on what only resembles one. */
const MAX_LINE = 500;

/** A key of a TOML file with its value, or the start of a table. */
export interface ManifestEntry {
  /** Outermost table; empty inside tables of tables. */
  table: string;
  /** Whether a table begins, or another element of an array of tables. */
  isStart: boolean;
  key?: string | undefined;
  /** A string's content, a boolean or a number; undefined for all else. */
  value?: string | undefined;
}

/**
 * The keys of a TOML file, or of the part of it that a patch shows, as far as manifests of packages
 * need them: one to a line, with a scalar on that line, or in an inline table there.
 */
export function* manifestEntries(text: string): Generator<ManifestEntry> {
  let table = "";
  /** Quotes of a string that goes on in the next line. */
  let open: string | undefined;
  for (const full of text.split("\n")) {
    const line = full.slice(0, MAX_LINE);
    if (open !== undefined) {
      if (line.includes(open)) open = undefined;
      continue;
    }
    if (/^\s*\[/.test(line)) {
      const header = /^\s*\[\[?\s*([\w-]+)\s*\]\]?\s*(?:#.*)?$/.exec(line);
      table = header?.[1] ?? "";
      if (table !== "") yield { table, isStart: true };
      continue;
    }
    const pair = /^\s*(?:([\w-]+)\s*\.\s*)?([\w-]+)\s*=\s*(.*)$/.exec(line);
    if (!pair) continue;
    const [, outer, key = "", rest = ""] = pair;
    open = openQuotes(rest);
    // `package.name = …` before all tables; `edition.workspace = true` in one.
    if (table !== "") yield { table, isStart: false, key: outer ?? key, value: scalar(rest) };
    else if (outer !== undefined) yield { table: outer, isStart: false, key, value: scalar(rest) };
    else if (rest.startsWith("{")) yield* inlineEntries(key, rest);
  }
}

/** `lib = { name = "x", path = "y" }` */
function* inlineEntries(table: string, text: string): Generator<ManifestEntry> {
  yield { table, isStart: true };
  for (const [, key, value = ""] of text.matchAll(/([\w-]+)\s*=\s*("[^"]*"|'[^']*'|\w+)/g)) {
    yield { table, isStart: false, key, value: scalar(value) };
  }
}

function openQuotes(value: string): string | undefined {
  const quotes = /^("""|''')/.exec(value)?.[1];
  return quotes !== undefined && !value.includes(quotes, 3) ? quotes : undefined;
}

function scalar(value: string): string | undefined {
  const match = /^(?:"([^"]*)"|'([^']*)'|(\w+))/.exec(value);
  return match?.[1] ?? match?.[2] ?? match?.[3];
}
