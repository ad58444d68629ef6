/**
 * Whether `path` matches a pattern of `.gitattributes`: `*` and `?` within a name, `**` for any
 * folders. A pattern without a slash is compared with the name alone.
 *
 * Written out rather than turned into a regular expression, which a hostile pattern could make take
 * exponential time. Sets of characters (`[a-z]`) are taken literally.
 */
export function matchesPattern(pattern: string, path: string): boolean {
  const parts = path.split("/");
  const wanted = pattern.replace(/^\//, "").split("/");
  if (!pattern.includes("/")) return matchesName(pattern, parts.at(-1) ?? "");
  // Suffixes of the path that the rest of the pattern may begin at.
  let starts = new Set([0]);
  for (const [index, part] of wanted.entries()) {
    const next = new Set<number>();
    for (const start of starts) {
      if (part !== "**") {
        if (start < parts.length && matchesName(part, parts[start] ?? "")) next.add(start + 1);
        continue;
      }
      const isLast = index === wanted.length - 1;
      const first = isLast ? parts.length : start;
      if (!isLast || start < parts.length) {
        for (let at = first; at <= parts.length; at += 1) next.add(at);
      }
    }
    starts = next;
  }
  return starts.has(parts.length);
}

/** Compares one name, going back to the last `*` only. */
function matchesName(pattern: string, name: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let index = 0; index < name.length; ) {
    if (pattern[at] === "*") {
      star = at;
      resume = index;
      at += 1;
    } else if (at < pattern.length && (pattern[at] === "?" || pattern[at] === name[index])) {
      at += 1;
      index += 1;
    } else if (star >= 0) {
      at = star + 1;
      resume += 1;
      index = resume;
    } else return false;
  }
  while (pattern[at] === "*") at += 1;
  return at === pattern.length;
}
