import { groupBy } from "../group-by.ts";
import { listed, quoted } from "./names.ts";
import { type Subject, type Verb, weightOf } from "./subject.ts";

/** What happened to some subjects, under one verb. */
export interface Clause {
  verb: Verb;
  /** The most telling first. */
  subjects: Subject[];
}

/** Subjects by what happened to them, the most telling first. */
export function clausesOf(subjects: readonly Subject[]): Clause[] {
  const sorted = subjects
    .map((subject) => ({ subject, weight: weightOf(subject) }))
    .sort((a, b) => b.weight - a.weight)
    .map(({ subject }) => subject);
  const groups = groupBy(sorted, ({ verb, from, place }) =>
    verb === "move" ? `${verb} ${from} ${place}` : verb,
  );
  return [...groups.values()].map((group) => ({
    verb: group[0]?.verb ?? "change",
    subjects: group,
  }));
}

/** A clause that names its first `shown` subjects and counts the others. */
export function clauseText({ verb, subjects }: Clause, shown: number): string {
  const named = subjects.slice(0, shown);
  const hidden = subjects.slice(shown);
  if (verb === "move") return moveText(named, hidden.length);
  const places = groupBy(named, ({ place, name }) => (name === null ? null : place));
  const [only] = places.keys();
  const isOnePlace = places.size === 1 && subjects.every(({ place }) => place === only);
  if (isOnePlace && only != null && subjects.length > 1 && verb !== "implement") {
    const names = named.map(nameText);
    if (hidden.length > 0) names.push(`${hidden.length} more`);
    return `${verb} ${listed(names)} in ${quoted(only)}`;
  }
  const items = named.map(labelOf);
  if (hidden.length > 0) items.push(`${hidden.length} more${whereText(hidden)}`);
  return `${verb} ${listed(items)}`;
}

function moveText(named: Subject[], hidden: number): string {
  const [first] = named;
  if (!first) return "";
  const names = named.flatMap(({ name }) => (name === null ? [] : [quoted(name)]));
  if (names.length === 0) return `move ${quoted(first.from ?? "")} to ${quoted(first.place)}`;
  if (hidden > 0) names.push(`${hidden} more`);
  return `move ${listed(names)} from ${quoted(first.from ?? "")} to ${quoted(first.place)}`;
}

/** A subject by its name where its place is told. */
function nameText({ verb, name, from }: Subject): string {
  const text = quoted(name ?? "");
  return verb === "rename" && from !== null ? `${quoted(from)} to ${text}` : text;
}

/** A subject told by itself. */
function labelOf(subject: Subject): string {
  const { verb, place, isModule, name, from } = subject;
  if (name === null) return quoted(place);
  const text = name.startsWith("[")
    ? quoted(`${place} ${name}`)
    : isModule
      ? quoted(`${place}::${name}`)
      : `${quoted(name)} in ${quoted(place)}`;
  if (from === null) return text;
  return verb === "rename" ? `${quoted(from)} to ${text}` : `${quoted(from)} for ${text}`;
}

function whereText(hidden: Subject[]): string {
  const files = new Set(hidden.map(({ file }) => file)).size;
  return files > 1 ? ` in ${files} files` : "";
}
