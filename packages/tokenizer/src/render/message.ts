/** A message of more tokens than this is a change log pasted into the subject. */
export const MAX_MESSAGE_TOKENS = 128;

/** Longer bodies are change logs or generated; their beginning says what the commit is about. */
const MAX_BODY_CHARACTERS = 400;

/** `Signed-off-by: A <a@example.com>` and whatever else gives somebody's address. */
const ADDRESS = /<[^<>\s]+@[^<>\s]+>/;

/**
 * A commit's subject and the beginning of its body, without the lines that name people.
 *
 * Trailers such as `Co-authored-by` would teach a model names and addresses, and nothing about code.
 */
export function messageWithBody(subject: string, body: string): string {
  const lines = body.split("\n").filter((line) => !ADDRESS.test(line));
  const kept = lines.join("\n").trim();
  if (kept === "") return subject;
  return `${subject}\n\n${kept.slice(0, MAX_BODY_CHARACTERS).trimEnd()}`;
}
