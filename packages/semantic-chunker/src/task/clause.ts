import { groupBy } from "../group-by.ts";
import { listed, quoted, shortPath, whole } from "./names.ts";
import { type Subject, type Verb, weightOf, weightOfPlace } from "./subject.ts";

/** What happened to some subjects, under one verb. */
export interface Clause {
  verb: Verb;
  /** By place, the most telling first. */
  subjects: Subject[];
}

/** Subjects by what happened to them, and by their place; the most telling first. */
export function clausesOf(subjects: readonly Subject[]): Clause[] {
  const sorted = subjects
    .map((subject) => ({ subject, weight: weightOf(subject) }))
    .sort((a, b) => b.weight - a.weight);
  // What moved to one place is told together.
  const groups = groupBy(sorted, ({ subject: { verb, from, place } }) =>
    verb === "move" ? `${verb} ${from} ${place}` : verb,
  );
  const clauses = [...groups.values()].map((group) => {
    const places = [...groupBy(group, ({ subject }) => subject.place).values()]
      .map((list) => ({ list, weight: weightOfPlace(list.map(({ weight }) => weight)) }))
      .sort((a, b) => b.weight - a.weight);
    return {
      verb: group[0]?.subject.verb ?? "change",
      subjects: places.flatMap(({ list }) => list.map(({ subject }) => subject)),
      weight: places[0]?.weight ?? 0,
    };
  });
  return clauses.sort((a, b) => b.weight - a.weight);
}

/** A clause that names its first `shown` subjects, and counts the others. */
export function clauseText({ verb, subjects }: Clause, shown: number): string {
  const [first] = subjects;
  if (!first) return "";
  if (verb === "move") return moveText(subjects, shown);
  const end = subjects.findIndex(({ place }) => place !== first.place);
  const here = subjects.slice(0, isTogether(first) ? (end < 0 ? subjects.length : end) : 0);
  const isAlone = subjects.length === 1;
  const counted = subjects.slice(Math.max(shown, here.length));
  const more = counted.length > 0 ? [`${counted.length} more${inFiles(counted)}`] : [];
  if (here.length < 2) {
    const named = subjects.slice(0, shown).map((subject) => labelOf(subject, isAlone));
    return `${verb} ${listed([...named, ...more])}`;
  }
  const named = here.slice(0, shown).map(nameHere);
  const moreHere = here.length > named.length ? [`${here.length - named.length} more`] : [];
  const elsewhere = subjects
    .slice(here.length, Math.max(shown, here.length))
    .map((subject) => labelOf(subject, isAlone));
  const parts = [
    `${listed([...named, ...moreHere])} ${first.placeKind === "type" ? "for" : "in"} ${quoted(first.place)}`,
    ...(elsewhere.length + more.length > 0 ? [listed([...elsewhere, ...more])] : []),
  ];
  return `${verb} ${parts.join(", ")}`;
}

/** Whether it can be told as one of several in its place. */
const isTogether = ({ place, files }: Subject) => place !== "" && files.length === 1;

function moveText(subjects: readonly Subject[], shown: number): string {
  const [first] = subjects;
  if (!first) return "";
  const { from, place, placeKind, files, name } = first;
  const to = (target: string) => `${from ? ` from ${quoted(from)}` : ""} to ${quoted(target)}`;
  if (placeKind === "folder") {
    return files.length > 1
      ? `move ${name}${to(place)}`
      : `move ${quoted(from ?? "")} to ${quoted(shortPath(files[0]))}`;
  }
  const names = subjects.slice(0, shown).map((subject) => quoted(subject.name));
  if (subjects.length > shown) names.push(`${subjects.length - shown} more`);
  return `move ${listed(names)}${to(place)}`;
}

/** A subject where its place is told. */
const nameHere = ({ verb, name, from }: Subject) =>
  verb === "rename" && from !== null ? `${quoted(from)} to ${quoted(name)}` : quoted(name);

/** A subject with its place, as far as that helps. */
function labelOf(subject: Subject, isAlone: boolean): string {
  const { from, files } = subject;
  const text = files.length > 1 ? alikeText(subject) : nameWithPlace(subject, isAlone);
  return from === null ? text : `${quoted(from)} to ${text}`;
}

function nameWithPlace(subject: Subject, isAlone: boolean): string {
  const { area, place, placeKind, name, files } = subject;
  if (placeKind === "folder") return quoted(shortPath(files[0]));
  if (placeKind === "module") {
    const module = place.split("::").at(-1);
    return quoted(whole(`${place}::${name}`, `${module}::${name}`, name));
  }
  if (placeKind === "type") return `${quoted(name)} for ${quoted(place)}`;
  if (placeKind === "tables") return quoted(`${place} ${name}`);
  // A name of code tells by itself; a heading or a key does not.
  return area === "code" && !isAlone ? quoted(name) : `${quoted(name)} in ${quoted(place)}`;
}

/** Something that happened to several files of one name. */
const alikeText = ({ place, name, files }: Subject) =>
  place === ""
    ? `${files.length} ${quoted(name)}`
    : `${quoted(name)} in ${files.length} ${quoted(place)}`;

/** Where those are that are only counted. */
export function inFiles(subjects: readonly Subject[]): string {
  const files = new Set(subjects.flatMap((subject) => subject.files)).size;
  return files > 1 ? ` in ${files} files` : "";
}
