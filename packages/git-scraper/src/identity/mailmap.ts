import { ObjectReader, type Repository } from "@repotune/git";
import type { Person } from "@repotune/schema";
import { isStageError, StageError } from "@repotune/schema";
import { readLatin1Lines } from "../history/read-lines.ts";
import { personKey } from "./person.ts";

/**
 * A larger `.mailmap` is not read: git's time grows with the square of its lines, and Linux has
 * 0.1 MB.
 */
const MAX_BYTES = 1 << 20;

/**
 * The people that the repository's own `.mailmap` maps to somebody else, as git reads it in a bare
 * repository: the file at HEAD, a symbolic link's own text for a link.
 *
 * One `git check-mailmap` answers for all. A `.mailmap` that is missing, damaged or above 1 MiB
 * maps nobody; nor is anybody mapped whose name or address would not survive in `Name <email>`.
 *
 * @param people asked for only if there is a `.mailmap`.
 * @returns by {@link personKey}, those only who are named otherwise.
 * @throws {StageError} `E_GIT` or `E_INTERRUPTED`.
 */
export async function canonicalPeople(
  repository: Repository,
  people: () => readonly Person[] | Promise<readonly Person[]>,
): Promise<Map<string, Person>> {
  const canonical = new Map<string, Person>();
  const mailmap = await readableMailmap(repository);
  if (mailmap === undefined) return canonical;
  const askable = (await people())
    .filter(isAskable)
    .map((person) => [personKey(person), person] as const);
  const asked = [...new Map(askable).keys()];
  const git = repository.spawn(["-c", `mailmap.blob=${mailmap}`, "check-mailmap", "--stdin"]);
  git.stdin.end(asked.map((contact) => `${contact}\n`).join(""));
  let answers = 0;
  for await (const line of readLatin1Lines(git.stdout)) {
    const key = asked[answers] ?? "";
    const person = parseContact(Buffer.from(line, "latin1").toString("utf8"));
    if (personKey(person) !== key) canonical.set(key, person);
    answers += 1;
  }
  await git.done;
  if (answers === asked.length) return canonical;
  const counts = `${answers} answers to ${asked.length} contacts`;
  throw new StageError("E_GIT", `git check-mailmap gave ${counts}.`);
}

/** Id of `HEAD:.mailmap`, if git will be able to read it: it dies of a damaged one. */
async function readableMailmap(repository: Repository): Promise<string | undefined> {
  const id = await mailmapId(repository);
  if (id === "") return undefined;
  const reader = ObjectReader.open(repository, { maxBytes: MAX_BYTES });
  try {
    const { type, data } = await reader.readTyped(id);
    return type === "blob" && data !== undefined ? id : undefined;
  } finally {
    await reader.close();
  }
}

/** Id of `HEAD:.mailmap`; empty if there is none, or the tree that would say so is damaged. */
async function mailmapId(repository: Repository): Promise<string> {
  try {
    return (await repository.text(["rev-parse", "--verify", "--quiet", "HEAD:.mailmap"])).trim();
  } catch (error) {
    if (isStageError(error) && error.code === "E_GIT") return "";
    throw error;
  }
}

/** Whether git reads `Name <email>` as this name and address; older ones die of what they cannot. */
const isAskable = ({ name, email }: Person) => !/[\0\n<>]|\s$/.test(name) && !/[\0\n>]/.test(email);

/** An answer of git's; a name may hold `>` there, an address `<`. */
function parseContact(line: string): Person {
  const open = line.indexOf("<");
  return { name: line.slice(0, Math.max(0, open - 1)), email: line.slice(open + 1, -1) };
}
