/** The hash that names a repository's objects. */
export type ObjectFormat = "sha1" | "sha256";

/** Hex digits of an object id. */
export const idDigits = (format: ObjectFormat): 40 | 64 => (format === "sha1" ? 40 : 64);

/** Id of the tree without entries, which git knows without storing it. */
export const emptyTreeId = (format: ObjectFormat): string =>
  format === "sha1"
    ? "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
    : "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321";

/** Whether `text` is a full object id of the format. */
export const isObjectId = (text: string, format: ObjectFormat): boolean =>
  text.length === idDigits(format) && /^[0-9a-f]+$/.test(text);
