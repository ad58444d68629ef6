import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import type { Static, TSchema } from "typebox";
import { Check, Errors } from "typebox/value";
import { messageOf, StageError } from "./error.ts";
import { isReadableVersion, SCHEMA_VERSION } from "./version.ts";

/**
 * Size of a file, in bytes.
 *
 * @throws {StageError} `E_NOT_FOUND` if there is no such file, `E_INPUT` if it is not a file.
 */
export async function fileSize(path: string): Promise<number> {
  const info = await stat(path).catch((cause: unknown) => {
    throw inputError(path, cause);
  });
  if (!info.isFile()) throw new StageError("E_INPUT", `${path} is not a file.`);
  return info.size;
}

/** SHA-256 (hex) of a file's bytes. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  try {
    for await (const part of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(part);
  } catch (cause) {
    throw inputError(path, cause);
  }
  return hash.digest("hex");
}

/** SHA-256 (hex) of a text. */
export const hashText = (text: string): string => createHash("sha256").update(text).digest("hex");

/**
 * Reads a JSON document and checks it against its schema.
 *
 * @throws {StageError} `E_NOT_FOUND`, `E_INPUT` (not JSON, or not of the schema) or
 *   `E_SCHEMA_VERSION`.
 */
export async function readJsonFile<S extends TSchema>(path: string, schema: S): Promise<Static<S>> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw inputError(path, cause);
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new StageError("E_INPUT", `${path} is not JSON: ${messageOf(cause)}`, { cause });
  }
  checkVersion(value, path);
  if (Check(schema, value)) return value as Static<S>;
  const [error] = Errors(schema, value);
  throw new StageError("E_INPUT", `${path}: ${error?.instancePath || "/"} ${error?.message}.`, {
    hint: "Write the file anew with the stage that makes it.",
  });
}

/**
 * Refuses a record or document whose `schema_version` this package cannot read.
 *
 * @param where names the file, and the line where there is one.
 * @throws {StageError} `E_SCHEMA_VERSION`.
 */
export function checkVersion(value: unknown, where: string): void {
  const version = (value as { schema_version?: unknown } | null)?.schema_version;
  if (version === undefined || isReadableVersion(version)) return;
  throw new StageError(
    "E_SCHEMA_VERSION",
    `${where} has schema version ${JSON.stringify(version)}; this program reads ${SCHEMA_VERSION}.`,
    { hint: "Write the file anew with this version's stages, or use the program that wrote it." },
  );
}

/** A `StageError` for a file that cannot be read. */
export function inputError(path: string, cause: unknown): StageError {
  if ((cause as NodeJS.ErrnoException).code === "ENOENT") {
    return new StageError("E_NOT_FOUND", `There is no file ${path}.`, { cause });
  }
  return new StageError("E_INPUT", `Cannot read ${path}: ${messageOf(cause)}`, { cause });
}
